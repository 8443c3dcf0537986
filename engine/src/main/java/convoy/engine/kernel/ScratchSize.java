package convoy.engine.kernel;

/**
 * The scratch memory that a kernel call needs.
 *
 * @param perWorker floats for each worker
 * @param shared floats that all workers of the call share
 */
public record ScratchSize(int perWorker, int shared) {
  /** No scratch. */
  public static final ScratchSize NONE = new ScratchSize(0, 0);

  /** The size that serves both this need and {@code other}, one after the other. */
  public ScratchSize max(ScratchSize other) {
    return new ScratchSize(Math.max(perWorker, other.perWorker), Math.max(shared, other.shared));
  }
}
