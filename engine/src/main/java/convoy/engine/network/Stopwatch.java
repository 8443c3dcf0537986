package convoy.engine.network;

import java.util.stream.LongStream;

/** Takes the time of one part of a training step, each time that it runs. */
public final class Stopwatch {
  private final String name;
  private final String operation;
  private final long multiplications;
  private final LongStream.Builder forwardNanos = LongStream.builder();
  private final LongStream.Builder backwardNanos = LongStream.builder();

  /** For what {@link StepTime} calls so. */
  public Stopwatch(String name, String operation, long multiplications) {
    this.name = name;
    this.operation = operation;
    this.multiplications = multiplications;
  }

  /** Runs {@code work}, what the part does up to the loss. */
  public void forward(Runnable work) {
    forwardNanos.add(nanos(work));
  }

  /** Runs {@code work}, what the part does after the loss. */
  public void backward(Runnable work) {
    backwardNanos.add(nanos(work));
  }

  private static long nanos(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  /** The medians of all runs, 0 for what never ran. To be asked for once, when all are done. */
  public StepTime median() {
    return new StepTime(
        name,
        operation,
        medianMillis(forwardNanos.build()),
        medianMillis(backwardNanos.build()),
        multiplications);
  }

  private static double medianMillis(LongStream nanos) {
    long[] sorted = nanos.sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2] * 1e-6;
  }
}
