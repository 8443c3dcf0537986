package convoy.engine.checkpoint;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;

/**
 * What is needed to use a trained network.
 *
 * @param network its description, with class names and the scaling of pixels
 * @param parameters its weights
 */
public record Model(NetworkSpec network, Parameters parameters) {

  public Model {
    if (!parameters.layout().entries().equals(network.layout().entries())) {
      throw new IllegalArgumentException("the parameters are not those of " + network.name());
    }
  }
}
