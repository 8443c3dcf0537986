package convoy.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.LayerSummary;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Plan;
import convoy.engine.network.TrainingMemory;
import convoy.engine.optimizer.Adam;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the layers of a network. */
@Command(
    name = "summary",
    description = "List the layers of a network, with shapes, parameters and multiplications.")
public final class SummaryJob implements Job {
  private static final int THREADS = 1;

  @Parameters(
      paramLabel = "NETWORK",
      description = "A network of conf/networks by name, or a YAML file.")
  private String network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Also tell the memory of training in steps of so many images, on one thread.")
  private Optional<Integer> batch = Optional.empty();

  /**
   * The keys of {@code --json}; counts are for one image. There is a {@code trainingMemory} only
   * where {@code --batch} is given.
   */
  record Result(
      String network,
      long parameters,
      long multiplications,
      List<Layer> layers,
      @JsonInclude(JsonInclude.Include.NON_NULL) Memory trainingMemory) {}

  /** The keys of the memory of training; the optimizer is Adam. */
  record Memory(
      int batch,
      long workspaceBytes,
      long parameterBytes,
      long optimizerBytes,
      long totalBytes,
      String kernels) {
    static Memory of(NetworkSpec spec, int batch) {
      Plan plan = new Plan(spec, batch, Plan.Mode.TRAINING);
      Kernels.Choice best = Kernels.best();
      TrainingMemory memory =
          TrainingMemory.of(plan, best.kernels(), THREADS, Adam.DEFAULT.slots());
      return new Memory(
          batch,
          memory.workspaceBytes(),
          memory.parameterBytes(),
          memory.optimizerBytes(),
          memory.totalBytes(),
          best.reason());
    }

    void print() {
      System.out.printf("%nmemory of training, batch %d, one thread,%n%s%n", batch, kernels);
      print("workspace", workspaceBytes);
      print("parameters", parameterBytes);
      print("optimizer (adam)", optimizerBytes);
      print("total", totalBytes);
    }

    private static void print(String name, long bytes) {
      System.out.printf(Locale.ROOT, "%-20s %,14d bytes %,10.1f MB%n", name, bytes, bytes * 1e-6);
    }
  }

  /** The keys of one layer; {@code outputShape} is height, width, channels. */
  record Layer(String name, List<Integer> outputShape, long parameters, long multiplications) {
    static Layer of(LayerSummary summary) {
      return new Layer(
          summary.name(),
          List.of(summary.outputShape().h(), summary.outputShape().w(), summary.outputShape().c()),
          summary.parameters(),
          summary.multiplications());
    }
  }

  @Override
  public Result run() throws Exception {
    NetworkSpec spec = new NetworkFiles(JobStorage.open()).network(network);
    List<Layer> layers = spec.summary().stream().map(Layer::of).toList();
    long parameters = layers.stream().mapToLong(Layer::parameters).sum();
    long multiplications = layers.stream().mapToLong(Layer::multiplications).sum();
    Optional<Memory> memory = batch.map(images -> Memory.of(spec, images));
    print("layer", "output", "parameters", "multiplications");
    print("input", spec.input().image(), "", "");
    for (LayerSummary layer : spec.summary()) {
      print(
          layer.name(),
          layer.outputShape().image(),
          count(layer.parameters()),
          count(layer.multiplications()));
    }
    print("total", "", count(parameters), count(multiplications));
    memory.ifPresent(Memory::print);
    return new Result(spec.name(), parameters, multiplications, layers, memory.orElse(null));
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static void print(String layer, String output, String parameters, String products) {
    System.out.printf(Locale.ROOT, "%-20s %-14s %12s %18s%n", layer, output, parameters, products);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new SummaryJob(), arguments);
  }
}
