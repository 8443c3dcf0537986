package convoy.job;

import convoy.engine.network.LayerSummary;
import convoy.engine.network.NetworkSpec;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the layers of a network. */
@Command(
    name = "summary",
    description = "List the layers of a network, with shapes, parameters and multiplications.")
public final class SummaryJob implements Job {
  @Parameters(
      paramLabel = "NETWORK",
      description = "A network of conf/networks by name, or a YAML file.")
  private String network;

  /** The keys of {@code --json}; counts are for one image. */
  record Result(String network, long parameters, long multiplications, List<Layer> layers) {}

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
    return new Result(spec.name(), parameters, multiplications, layers);
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
