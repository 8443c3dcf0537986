package convoy.planning;

/**
 * What a round takes beside its steps, as a sum of parts, in seconds. From the times of a few
 * rounds on the executors at hand it tells those on others:
 *
 * <pre>
 * seconds(E, P) = fixed + task (P + slices) + model log(1 + E) / log(1 + E0) + shard ceil(P / E)
 * </pre>
 *
 * for P shards on E executors, of which no more count than there are shards, where E0 were
 * measured. The driver launches a task for each shard and each slice, one after the other. The
 * state goes out in pieces that executors hand on to each other, so that twice the executors take
 * one turn more, and comes back to the driver as one average. Each executor cuts and writes the
 * states of its share of the shards, and sums up its share of their slices.
 *
 * @param executors that were measured; 1 or more
 * @param fixedSeconds that any round takes
 * @param taskSeconds of each task, at the driver
 * @param modelSeconds for sending one state out to the measured executors, and back
 * @param shardSeconds of an executor for the state of one shard
 */
public record RoundCost(
    int executors,
    double fixedSeconds,
    double taskSeconds,
    double modelSeconds,
    double shardSeconds) {

  /**
   * A round without steps that was timed.
   *
   * @param shards whose states it averaged
   * @param slices that these were cut into
   * @param seconds that it took
   */
  record Sample(int shards, int slices, double seconds) {
    private int tasks() {
      return shards + slices;
    }
  }

  /**
   * The parts that give the times of three rounds, none of them below 0.
   *
   * @param taskSeconds of a task, at the driver
   * @param bare a round of next to no parameters
   * @param few one of the model
   * @param many one of the model on more shards than {@code few}
   */
  static RoundCost of(int executors, double taskSeconds, Sample bare, Sample few, Sample many) {
    double fixed = atLeastZero(bare.seconds() - taskSeconds * bare.tasks());
    double moreTasks = taskSeconds * (many.tasks() - few.tasks());
    double moreShards = share(many.shards(), executors) - share(few.shards(), executors);
    double shard = atLeastZero((many.seconds() - few.seconds() - moreTasks) / moreShards);
    double known = fixed + taskSeconds * few.tasks() + shard * share(few.shards(), executors);
    return new RoundCost(executors, fixed, taskSeconds, atLeastZero(few.seconds() - known), shard);
  }

  private static double atLeastZero(double seconds) {
    return Math.max(0, seconds);
  }

  /** What a round takes on {@code executors} executors. */
  double seconds(int executors, int shards, int slices) {
    return fixedSeconds
        + taskSeconds * (shards + slices)
        + modelSeconds * turns(Math.min(executors, shards)) / turns(this.executors)
        + shardSeconds * share(shards, executors);
  }

  /** Shards of the executor that has most. */
  private static int share(int shards, int executors) {
    return (shards + executors - 1) / executors;
  }

  private static double turns(int executors) {
    return Math.log(1 + executors);
  }
}
