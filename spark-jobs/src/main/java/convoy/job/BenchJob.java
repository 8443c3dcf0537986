package convoy.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.vector.Peaks;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.StepTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the engine on this machine. */
@Command(name = "bench", description = "Measure training and inference on this machine.")
public final class BenchJob implements Job {
  private static final String VECTOR_KERNELS = "vector";

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
   * ones those of the kernels; {@code gflops} is another name for the effective ones. There are
   * peaks only for the vector kernels: plain loops can't measure them.
   */
  record Result(
      double trainingImagesPerSecond,
      double inferenceImagesPerSecond,
      @JsonInclude(JsonInclude.Include.NON_NULL) Double peakGflops,
      @JsonInclude(JsonInclude.Include.NON_NULL) Double cacheGigabytes,
      double effectiveGflops,
      double executedGflops,
      double gflops,
      List<Step> steps,
      List<FloorShare> floors,
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
    Optional<Peaks> peaks =
        best.kernels().name().equals(VECTOR_KERNELS)
            ? Optional.of(Peaks.measured(threads))
            : Optional.empty();
    peaks.ifPresent(this::print);
    double training = throughput.trainingImagesPerSecond();
    double effective = training * throughput.effectiveOperations() * 1e-9;
    double executed = training * throughput.executedOperations() * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "training   %,10.1f images/s, %.1f ms a step%n"
            + "effective  %,10.1f GFLOP/s, as a direct convolution counts them%n"
            + "executed   %,10.1f GFLOP/s%s%n",
        training,
        1000 * batch / training,
        effective,
        executed,
        peaks.map(peak -> ofPeak(executed / peak.gigaflops())).orElse(""));
    double inference = throughput.inferenceImagesPerSecond();
    System.out.printf(Locale.ROOT, "inference  %,10.1f images/s%n", inference);
    List<StepTime> times = throughput.stepTimes();
    List<FloorShare> floors =
        peaks.map(peak -> throughput.floorShares(times, peak)).orElse(List.of());
    System.out.printf(
        "%nWhere a training step's time goes; GFLOP/s are effective, floor is the share of the least%n"
            + "time of Winograd's F(4x4, 3x3) in the time taken, forward / backward:%n%n");
    StepTable.lines(times, floors).forEach(System.out::println);
    double sum = StepTable.sum(times).millis();
    return new Result(
        training,
        inference,
        peaks.map(Peaks::gigaflops).orElse(null),
        peaks.map(Peaks::gigabytes).orElse(null),
        effective,
        executed,
        effective,
        times.stream().map(time -> Step.of(time, sum)).toList(),
        floors,
        spec.name(),
        batch,
        threads,
        best.reason());
  }

  private void print(Peaks peaks) {
    System.out.printf(
        Locale.ROOT,
        "peak       %,10.1f GFLOP/s (threads: %d)%ncache      %,10.1f GB/s read and written in the"
            + " second level%n",
        peaks.gigaflops(),
        threads,
        peaks.gigabytes());
  }

  private static String ofPeak(double share) {
    return String.format(Locale.ROOT, ", %.0f %% of the peak", 100 * share);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new BenchJob(), arguments);
  }
}
