package convoy.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
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
 * @param model where the trained one lies
 * @param digest of its weights
 * @param parameters of the network; those in {@code fresh} as without a model
 * @param taken names of the parameters that are the model's: it has all those of their layer by the
 *     same names, with the same sizes
 * @param fresh names of the others, in the order of the layout
 */
public record PretrainedWeights(
    String model, String digest, Parameters parameters, List<String> taken, List<String> fresh) {

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
    List<String> fresh = new ArrayList<>();
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
        fresh.add(entry.name());
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
        uri,
        WeightsDigest.of(model.parameters()),
        parameters,
        List.copyOf(taken),
        List.copyOf(fresh));
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

  /** What was taken, and what is new, for people to read. */
  public String line() {
    int all = taken.size() + fresh.size();
    String takes = "takes " + taken.size() + " of " + all + " parameters from " + model;
    return fresh.isEmpty() ? takes : takes + "; new: " + String.join(", ", fresh);
  }

  /** The same as JSON: {@code {model, weightsDigest, taken: [...], new: [...]}}. */
  public void addTo(ObjectNode tree) {
    tree.put("model", model).put("weightsDigest", digest);
    taken.forEach(tree.putArray("taken")::add);
    fresh.forEach(tree.putArray("new")::add);
  }
}
