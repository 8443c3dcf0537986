package convoy.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The first parameters of a network that begins with those of a trained one, which may have other
 * layers behind, or in front, of the ones that they share.
 *
 * @param model where the trained one lies
 * @param digest of its weights
 * @param parameters of the network; those in {@code fresh} as without a model
 * @param taken names of the parameters that are the model's: it has them by the same name, with the
 *     same sizes
 * @param fresh names of the others, in the order of the layout
 */
public record PretrainedWeights(
    String model, String digest, Parameters parameters, List<String> taken, List<String> fresh) {

  /**
   * What {@code network} takes of {@code model}.
   *
   * @param seed of the parameters that the model does not have
   * @param uri where the model lies
   * @throws IllegalArgumentException if it has none of them
   */
  public static PretrainedWeights of(NetworkSpec network, long seed, String uri, Model model) {
    Map<String, ParameterLayout.Entry> trained = new HashMap<>();
    for (ParameterLayout.Entry entry : model.parameters().layout().entries()) {
      trained.put(entry.name(), entry);
    }
    Parameters parameters = Parameters.initial(network.layout(), seed);
    List<String> taken = new ArrayList<>();
    List<String> fresh = new ArrayList<>();
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      ParameterLayout.Entry from = trained.get(entry.name());
      if (from == null || !from.spec().dimensions().equals(entry.spec().dimensions())) {
        fresh.add(entry.name());
        continue;
      }
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
