package convoy.launch;

/**
 * The heaps that driver and executors get unless someone says otherwise, in mebibytes.
 *
 * <p>The largest network of conf/networks takes 250 MB of workspace a replica at batch size 32, and
 * copies of the model and of the optimizer's state beside it; all images of CIFAR-10 take 180 MB.
 * So an executor of 3 GB runs a replica on each of four cores with room to spare. A small machine
 * gets less, so that it need not swap.
 */
record Heaps(long driver, long executor) {
  private static final long LOCAL_DRIVER = 6_144;
  private static final long DRIVER = 2_048;
  private static final long EXECUTOR = 3_072;
  private static final long LEAST = 512;

  /** Percent of the machine's memory that tasks may take; the rest is the system's. */
  private static final int TASKS_PERCENT = 60;

  /** Percent that a driver may take beside executors on the same machine. */
  private static final int DRIVER_PERCENT = 15;

  /** All tasks run in the driver. */
  static Heaps local(long machine) {
    return new Heaps(capped(LOCAL_DRIVER, machine * TASKS_PERCENT / 100), EXECUTOR);
  }

  /** Driver and executors share this machine. */
  static Heaps localCluster(long machine, int executors) {
    return new Heaps(
        capped(DRIVER, machine * DRIVER_PERCENT / 100),
        capped(EXECUTOR, machine * TASKS_PERCENT / 100 / executors));
  }

  /** The executors run elsewhere, on machines of unknown size. */
  static Heaps cluster() {
    return new Heaps(DRIVER, EXECUTOR);
  }

  private static long capped(long wanted, long most) {
    return Math.max(LEAST, Math.min(wanted, most));
  }
}
