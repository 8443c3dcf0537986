package convoy.engine.network;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Finite;

/**
 * The parameters of a network: a layout and one flat array.
 *
 * @param layout where each parameter lies
 * @param values all parameters, {@code layout.size()} floats; shared, not copied
 */
public record Parameters(ParameterLayout layout, float[] values) {

  public Parameters {
    if (values.length != layout.size()) {
      throw new IllegalArgumentException(
          "got " + values.length + " parameter values, wanted " + layout.size());
    }
  }

  /** The first parameters of a training under {@code seed}. */
  public static Parameters initial(ParameterLayout layout, long seed) {
    RandomKey key = RandomKey.of(seed, RandomKey.Purpose.INITIALISATION);
    float[] values = new float[layout.size()];
    for (ParameterLayout.Entry entry : layout.entries()) {
      RandomKey own = key.with(entry.name().hashCode());
      for (int i = 0; i < entry.size(); i++) {
        values[entry.offset() + i] = entry.spec().initializer().value(own, i);
      }
    }
    return new Parameters(layout, values);
  }

  /** Whether no value is NaN or infinite. */
  public boolean areFinite() {
    return Finite.all(values);
  }
}
