package convoy.averaging;

/**
 * Where the time of one or more rounds went.
 *
 * @param computeNanos the steps of the executor that took longest
 * @param broadcastNanos putting the state where the executors fetch it
 * @param averagingNanos all the rest: fetching, cutting, shuffling, averaging, collecting, waiting
 */
public record RoundTimes(long computeNanos, long broadcastNanos, long averagingNanos) {
  /** Of no round. */
  public static final RoundTimes NONE = new RoundTimes(0, 0, 0);

  /** The times of both. */
  public RoundTimes plus(RoundTimes other) {
    return new RoundTimes(
        computeNanos + other.computeNanos,
        broadcastNanos + other.broadcastNanos,
        averagingNanos + other.averagingNanos);
  }

  /** All of it. */
  public double seconds() {
    return (computeNanos + broadcastNanos + averagingNanos) / 1e9;
  }
}
