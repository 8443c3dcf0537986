package convoy.engine.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where threads wait for each other, over and over, interrupted or not. The JDK's barriers allocate
 * a node for each thread that waits; this one allocates nothing.
 */
final class Barrier {
  /** Looks at the others before a thread goes to sleep: a few microseconds. */
  private static final int SPINS = 1 << 8;

  private final int parties;
  private final AtomicInteger arrived = new AtomicInteger();
  private volatile int meeting;

  /** For {@code parties} threads. */
  Barrier(int parties) {
    this.parties = parties;
  }

  /** Returns when all threads have come; what they did before is then seen by all. */
  void await() {
    int own = meeting;
    if (arrived.incrementAndGet() == parties) {
      arrived.set(0);
      synchronized (this) {
        meeting = own + 1;
        notifyAll();
      }
      return;
    }
    for (int spin = 0; spin < SPINS && meeting == own; spin++) {
      Thread.onSpinWait();
    }
    if (meeting == own) {
      sleepThrough(own);
    }
  }

  private synchronized void sleepThrough(int own) {
    boolean interrupted = false;
    while (meeting == own) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
