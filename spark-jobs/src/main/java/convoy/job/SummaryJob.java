package convoy.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.LayerSummary;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Plan;
import convoy.engine.network.TrainingMemory;
import convoy.engine.optimizer.Adam;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the layers of a network. */
@Command(
    name = "summary",
    description =
        "List the layers of a network: the shape of what each puts out, its parameters, the"
            + " multiplications for one image, and the bytes of its output.")
public final class SummaryJob implements Job {
  private static final int THREADS = 1;

  @Parameters(
      paramLabel = "NETWORK",
      description = "A network of conf/networks by name, or a YAML file.")
  private String network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Tell the bytes of so many images' outputs rather than one's, and the memory of training in"
              + " steps of so many images, on one thread.")
  private Optional<Integer> batch = Optional.empty();

  /**
   * The keys of {@code --json}; parameters that do not train are those of frozen layers, and
   * statistics; multiplications are those of one image, bytes those of {@code --batch} images, by
   * default of one. There is a {@code trainingMemory} only where {@code --batch} is given and
   * something trains.
   */
  record Result(
      String network,
      long parameters,
      long trainableParameters,
      long nonTrainableParameters,
      long multiplications,
      long outputBytes,
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

    List<String> lines() {
      TextTable table = new TextTable(1);
      add(table, "workspace", workspaceBytes);
      add(table, "parameters", parameterBytes);
      add(table, "optimizer (adam)", optimizerBytes);
      add(table, "total", totalBytes);
      List<String> lines = new ArrayList<>();
      lines.add("");
      lines.add(String.format(Locale.ROOT, "memory of training, batch %d, one thread,", batch));
      lines.add(kernels);
      lines.addAll(table.lines());
      return lines;
    }

    private static void add(TextTable table, String name, long bytes) {
      String megabytes = String.format(Locale.ROOT, "%,.1f MB", bytes * 1e-6);
      table.add(name, TextTable.count(bytes) + " bytes", megabytes);
    }
  }

  /**
   * The keys of one layer; {@code outputShape} is height, width, channels, {@code outputBytes} what
   * that takes as floats, whether or not the layer shares memory with others.
   */
  record Layer(
      String name,
      List<Integer> outputShape,
      long parameters,
      long multiplications,
      long outputBytes) {
    static Layer of(LayerSummary summary, int images) {
      Shape output = summary.outputShape();
      return new Layer(
          summary.name(),
          List.of(output.h(), output.w(), output.c()),
          summary.parameters(),
          summary.multiplications(),
          output.withImages(images).size() * Float.BYTES);
    }
  }

  @Override
  public Result run() throws Exception {
    NetworkSpec spec = new NetworkFiles(JobStorage.open()).network(network);
    ParameterLayout layout = spec.layout();
    boolean trains = layout.trainableSize() > 0;
    Optional<Memory> memory = batch.filter(n -> trains).map(images -> Memory.of(spec, images));
    int images = batch.orElse(1);
    List<Layer> layers = spec.summary().stream().map(summary -> Layer.of(summary, images)).toList();
    Result result =
        new Result(
            spec.name(),
            layout.size(),
            layout.trainableSize(),
            layout.size() - layout.trainableSize(),
            layers.stream().mapToLong(Layer::multiplications).sum(),
            layers.stream().mapToLong(Layer::outputBytes).sum(),
            layers,
            memory.orElse(null));
    table(spec, result).forEach(System.out::println);
    memory.map(Memory::lines).ifPresent(lines -> lines.forEach(System.out::println));
    if (batch.isPresent() && !trains) {
      System.out.println("no memory of training: no parameter is trainable");
    }
    return result;
  }

  private static List<String> table(NetworkSpec spec, Result result) {
    TextTable table = new TextTable(2);
    table.add("layer", "output", "parameters", "multiplications", "bytes");
    table.add("input", spec.input().image());
    List<LayerSummary> summaries = spec.summary();
    for (int i = 0; i < summaries.size(); i++) {
      Layer layer = result.layers().get(i);
      table.add(
          layer.name(),
          summaries.get(i).outputShape().image(),
          TextTable.count(layer.parameters()),
          TextTable.count(layer.multiplications()),
          TextTable.count(layer.outputBytes()));
    }
    table.add(
        "total",
        "",
        TextTable.count(result.parameters()),
        TextTable.count(result.multiplications()),
        TextTable.count(result.outputBytes()));
    table.add("trainable", "", TextTable.count(result.trainableParameters()));
    table.add("not trainable", "", TextTable.count(result.nonTrainableParameters()));
    return table.lines();
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new SummaryJob(), arguments);
  }
}
