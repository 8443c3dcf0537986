package convoy.engine.kernel;

/**
 * The scratch memory that a kernel call needs.
 *
 * @param perWorker floats for each worker
 * @param shared floats that all workers of the call share
 * @param doubleRows arrays of doubles for each worker
 * @param doubleRowSize doubles in each of them
 */
public record ScratchSize(int perWorker, int shared, int doubleRows, int doubleRowSize) {
  /** No scratch. */
  public static final ScratchSize NONE = new ScratchSize(0, 0);

  /** A need of floats alone. */
  public ScratchSize(int perWorker, int shared) {
    this(perWorker, shared, 0, 0);
  }

  /** Bytes of the memory that {@code workers} workers need. */
  public long bytes(int workers) {
    long origin = Workers.ORIGIN;
    long doubles = (long) doubleRows * doubleRowSize;
    long worker = (origin + perWorker) * Float.BYTES + doubles * Double.BYTES;
    return workers * worker + (origin + shared) * Float.BYTES;
  }

  /** The size that serves both this need and {@code other}, one after the other. */
  public ScratchSize max(ScratchSize other) {
    return new ScratchSize(
        Math.max(perWorker, other.perWorker),
        Math.max(shared, other.shared),
        Math.max(doubleRows, other.doubleRows),
        Math.max(doubleRowSize, other.doubleRowSize));
  }

  /** This size without what all workers share. */
  public ScratchSize withoutShared() {
    return new ScratchSize(perWorker, 0, doubleRows, doubleRowSize);
  }

  /** This size with {@code floats} more that all workers share, behind the others. */
  public ScratchSize withShared(int floats) {
    return new ScratchSize(perWorker, Math.addExact(shared, floats), doubleRows, doubleRowSize);
  }
}
