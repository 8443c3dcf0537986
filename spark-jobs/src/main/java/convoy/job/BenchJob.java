package convoy.job;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.vector.PeakMeasurement;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.StepTime;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the engine on this machine. */
@Command(name = "bench", description = "Measure training and inference on this machine.")
public final class BenchJob implements Job {
  private static final int PEAK_RUNS = 200;
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  @Option(
      names = "--network",
      required = true,
      paramLabel = "NAME",
      description = "A network of conf/networks by name, or a YAML file.")
  private String network;

  @Option(names = "--batch", paramLabel = "N", description = "Images of a step; default: 32.")
  private int batch = 32;

  @Option(names = "--threads", paramLabel = "N", description = "Threads; default: 1.")
  private int threads = 1;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Time for each measurement: training, its steps, inference; default: 10.")
  private double seconds = 10;

  /**
   * The keys of {@code --json}. Effective operations are those of a direct convolution, executed
   * ones those of the kernels; {@code gflops} is another name for the effective ones.
   */
  record Result(
      double trainingImagesPerSecond,
      double inferenceImagesPerSecond,
      double peakGflops,
      double effectiveGflops,
      double executedGflops,
      double gflops,
      List<Step> steps,
      String network,
      int batch,
      int threads,
      String kernels) {}

  /** The keys of one part of a training step; the shares of all add up to 1. */
  record Step(
      String name, String operation, double forwardMillis, double backwardMillis, double share) {
    static Step of(StepTime time, double sumMillis) {
      return new Step(
          time.name(),
          time.operation(),
          time.forwardMillis(),
          time.backwardMillis(),
          time.millis() / sumMillis);
    }
  }

  @Override
  public Result run() throws Exception {
    NetworkSpec spec = new NetworkFiles(JobStorage.open()).network(network);
    Kernels.Choice best = Kernels.best();
    EngineThroughput throughput =
        new EngineThroughput(spec, best.kernels(), batch, threads, seconds);
    System.out.printf(Locale.ROOT, "kernels    %s%n", best.reason());
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      throw new IllegalArgumentException(best.reason());
    }
    double peak = PeakMeasurement.gigaflops(PEAK_RUNS) * threads;
    System.out.printf(Locale.ROOT, "peak       %,10.1f GFLOP/s (threads: %d)%n", peak, threads);
    double training = throughput.trainingImagesPerSecond();
    double effective = training * throughput.effectiveOperations() * 1e-9;
    double executed = training * throughput.executedOperations() * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "training   %,10.1f images/s, %.1f ms a step%n"
            + "effective  %,10.1f GFLOP/s, as a direct convolution counts them%n"
            + "executed   %,10.1f GFLOP/s, %.0f %% of the peak%n",
        training,
        1000 * batch / training,
        effective,
        executed,
        100 * executed / peak);
    double inference = throughput.inferenceImagesPerSecond();
    System.out.printf(Locale.ROOT, "inference  %,10.1f images/s%n", inference);
    List<StepTime> times = throughput.stepTimes();
    System.out.printf("%nWhere a training step's time goes; GFLOP/s are effective:%n%n");
    StepTable.lines(times).forEach(System.out::println);
    double sum = StepTable.sum(times).millis();
    return new Result(
        training,
        inference,
        peak,
        effective,
        executed,
        effective,
        times.stream().map(time -> Step.of(time, sum)).toList(),
        spec.name(),
        batch,
        threads,
        best.reason());
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new BenchJob(), arguments);
  }
}
