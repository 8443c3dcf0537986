package convoy.job;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.vector.PeakMeasurement;
import convoy.engine.network.NetworkSpec;
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
      description = "Time for training and for inference each; default: 10.")
  private double seconds = 10;

  /** The keys of {@code --json}. */
  record Result(
      double trainingImagesPerSecond,
      double inferenceImagesPerSecond,
      double peakGflops,
      double gflops,
      String network,
      int batch,
      int threads,
      String kernels) {}

  @Override
  public Result run() throws Exception {
    NetworkSpec spec = new NetworkFiles(JobStorage.open()).network(network);
    EngineThroughput throughput = new EngineThroughput(spec, batch, threads, seconds);
    String kernels = Kernels.best().reason();
    System.out.printf(Locale.ROOT, "kernels    %s%n", kernels);
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      throw new IllegalArgumentException(kernels);
    }
    double peak = PeakMeasurement.gigaflops(PEAK_RUNS) * threads;
    System.out.printf(Locale.ROOT, "peak       %,10.1f GFLOP/s (threads: %d)%n", peak, threads);
    double training = throughput.trainingImagesPerSecond();
    double gflops = training * throughput.trainingOperations() * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "training   %,10.1f images/s, %.1f GFLOP/s (%.0f %% of the peak)%n",
        training,
        gflops,
        100 * gflops / peak);
    double inference = throughput.inferenceImagesPerSecond();
    System.out.printf(Locale.ROOT, "inference  %,10.1f images/s%n", inference);
    return new Result(training, inference, peak, gflops, spec.name(), batch, threads, kernels);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new BenchJob(), arguments);
  }
}
