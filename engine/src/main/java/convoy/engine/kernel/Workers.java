package convoy.engine.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads and the scratch memory that kernels run on; a workspace owns one.
 *
 * <p>A kernel cuts its work into parts by the shape alone, or, where parts have outputs of their
 * own that do not depend on the cuts, for so many workers, and makes a {@link #pass} of them.
 * Workers only pick parts, so the results do not depend on how many there are. The thread that runs
 * a pass is worker 0; the others wait between passes, interrupted or not. One pass at a time, and
 * running one allocates nothing.
 */
public final class Workers implements AutoCloseable {
  /**
   * Index of the first float of each array of scratch memory. Arrays begin with a header of 16
   * bytes; where the JVM aligns them to 64 bytes (-XX:ObjectAlignmentInBytes=64) this float begins
   * a cache line, and vectors that start a multiple of 16 floats behind it touch one line, not two.
   */
  public static final int ORIGIN = 12;

  /** The work of a pass, cut into parts. */
  @FunctionalInterface
  public interface Part {
    /** Does part {@code part} with the scratch memory of worker {@code worker}. */
    void run(int part, int worker);
  }

  private final float[][] scratch;
  private final double[][][] doubles;
  private final float[] shared;
  private final Thread[] threads;
  private final Barrier barrier;
  private final AtomicInteger next = new AtomicInteger();
  private int parts;
  private Part work;
  private boolean closed;
  private volatile RuntimeException failure;
  private volatile Error error;

  /** {@code count} workers (at least 1), with scratch memory of {@code size}. */
  public Workers(int count, ScratchSize size) {
    if (count < 1) {
      throw new IllegalArgumentException("got " + count + " workers, wanted at least 1");
    }
    scratch = new float[count][ORIGIN + size.perWorker()];
    doubles = new double[count][size.doubleRows()][size.doubleRowSize()];
    shared = new float[ORIGIN + size.shared()];
    barrier = new Barrier(count);
    threads = new Thread[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] = new Thread(() -> serve(worker), "convoy-worker-" + worker);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /** Number of workers. */
  public int count() {
    return scratch.length;
  }

  /** The scratch memory of {@code worker}, from ORIGIN on; undefined between passes. */
  public float[] scratch(int worker) {
    return scratch[worker];
  }

  /** The rows of doubles in the scratch memory of {@code worker}; undefined between passes. */
  public double[][] doubles(int worker) {
    return doubles[worker];
  }

  /** The scratch memory that all workers share, from ORIGIN on; undefined between passes. */
  public float[] shared() {
    return shared;
  }

  /**
   * The pass that runs parts 0 to {@code parts} - 1, each once, and returns when all are done. What
   * a part throws is thrown there, and other parts may then be left out. Once the workers are
   * closed it throws an IllegalStateException.
   */
  public Pass pass(int parts, Part work) {
    return () -> run(parts, work);
  }

  private void run(int parts, Part work) {
    if (closed) {
      throw new IllegalStateException("these workers are closed");
    }
    if (threads.length == 0 || parts == 1) {
      for (int part = 0; part < parts; part++) {
        work.run(part, 0);
      }
      return;
    }
    this.parts = parts;
    this.work = work;
    next.set(0);
    barrier.await();
    pick(0);
    barrier.await();
    this.work = null;
    throwFailure();
  }

  private void throwFailure() {
    RuntimeException thrownFailure = failure;
    Error thrownError = error;
    failure = null;
    error = null;
    if (thrownError != null) {
      throw thrownError;
    }
    if (thrownFailure != null) {
      throw thrownFailure;
    }
  }

  /** Ends the threads; a second call does nothing. */
  @Override
  public void close() {
    if (!closed && threads.length > 0) {
      work = null;
      barrier.await();
    }
    closed = true;
  }

  private void serve(int worker) {
    while (true) {
      barrier.await();
      if (work == null) {
        return;
      }
      pick(worker);
      barrier.await();
    }
  }

  private void pick(int worker) {
    try {
      for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
        work.run(part, worker);
      }
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      // Kept and thrown by the caller: a worker that died here would leave it waiting for ever.
      error = e;
    }
  }
}
