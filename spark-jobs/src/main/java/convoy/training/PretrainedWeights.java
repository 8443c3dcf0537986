package convoy.training;

import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.run.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The first parameters of a network that begins with those of a trained one, which may have other
 * layers behind, or in front, of the ones that they share.
 *
 * @param parameters of the network; those that are not taken as without a model
 * @param origin what was taken: where the model has all parameters of a layer by the same names,
 *     with the same sizes
 */
public record PretrainedWeights(Parameters parameters, Origin origin) {

  /**
   * What {@code network} takes of {@code model}.
   *
   * @param seed of the parameters that the model does not have
   * @param uri where the model lies
   * @throws IllegalArgumentException if it has none of them, or not those of a frozen layer, which
   *     would stay as they are for ever
   */
  public static PretrainedWeights of(NetworkSpec network, long seed, String uri, Model model) {
    Map<String, ParameterLayout.Entry> trained = new HashMap<>();
    for (ParameterLayout.Entry entry : model.parameters().layout().entries()) {
      trained.put(entry.name(), entry);
    }
    Parameters parameters = Parameters.initial(network.layout(), seed);
    List<String> taken = new ArrayList<>();
    List<String> initial = new ArrayList<>();
    Set<String> others = new HashSet<>();
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      ParameterLayout.Entry from = trained.get(entry.name());
      if (from == null || !from.spec().dimensions().equals(entry.spec().dimensions())) {
        others.add(layer(entry));
      }
    }
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      if (others.contains(layer(entry))) {
        checkTrains(entry, model.network().name());
        initial.add(entry.name());
        continue;
      }
      ParameterLayout.Entry from = trained.get(entry.name());
      System.arraycopy(
          model.parameters().values(),
          from.offset(),
          parameters.values(),
          entry.offset(),
          entry.size());
      taken.add(entry.name());
    }
    if (taken.isEmpty()) {
      throw new IllegalArgumentException(
          "no parameter of "
              + network.name()
              + " has the name and the sizes of one of "
              + model.network().name()
              + ": compare their layers");
    }
    return new PretrainedWeights(
        parameters, new Origin(uri, WeightsDigest.of(model.parameters()), taken, initial));
  }

  /** The name of the layer that a parameter belongs to. */
  private static String layer(ParameterLayout.Entry entry) {
    return entry.name().substring(0, entry.name().lastIndexOf('/'));
  }

  private static void checkTrains(ParameterLayout.Entry entry, String model) {
    if (entry.kind() == ParameterLayout.Kind.FROZEN) {
      throw new IllegalArgumentException(
          entry.name()
              + " does not train, and "
              + model
              + " has no layer of that name and these sizes: compare the two networks, or let it"
              + " train");
    }
  }
}
