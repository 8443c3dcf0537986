package convoy.training;

import convoy.engine.checkpoint.Model;
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
 * @param parameters of the network; those in {@code fresh} as without a model
 * @param taken names of the parameters that are the model's: it has them by the same name, with the
 *     same sizes
 * @param fresh names of the others, in the order of the layout
 */
public record PretrainedWeights(Parameters parameters, List<String> taken, List<String> fresh) {

  /**
   * What {@code network} takes of {@code model}.
   *
   * @param seed of the parameters that the model does not have
   * @throws IllegalArgumentException if it has none of them
   */
  public static PretrainedWeights of(NetworkSpec network, long seed, Model model) {
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
    return new PretrainedWeights(parameters, List.copyOf(taken), List.copyOf(fresh));
  }
}
