package convoy.engine.layer;

import convoy.engine.random.RandomKey;

/** How a parameter gets its first values. */
public sealed interface Initializer {
  /** The first value of {@code element}, drawn from {@code key} where it is random. */
  float value(RandomKey key, long element);

  /** All zeros. */
  record Zeros() implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      return 0;
    }
  }

  /** All ones. */
  record Ones() implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      return 1;
    }
  }

  /**
   * Uniform in [-limit, limit), limit = sqrt(6 / (fanIn + fanOut)): Glorot and Bengio,
   * "Understanding the difficulty of training deep feedforward neural networks", 2010, equation 16;
   * Keras' default.
   *
   * @param fanIn inputs of one output: R * S * C of a convolution
   * @param fanOut outputs of one input: R * S * K of a convolution
   */
  record GlorotUniform(long fanIn, long fanOut) implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      double limit = Math.sqrt(6.0 / (fanIn + fanOut));
      return (float) ((2 * key.uniform(element) - 1) * limit);
    }
  }

  /**
   * Normal with mean 0 and deviation sqrt(2 / (fanIn + fanOut)): Glorot and Bengio, 2010, equation
   * 12. Not truncated, as in PyTorch and unlike in Keras; so is the other normal one.
   *
   * @param fanIn inputs of one output
   * @param fanOut outputs of one input
   */
  record GlorotNormal(long fanIn, long fanOut) implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      return (float) (key.normal(element) * Math.sqrt(2.0 / (fanIn + fanOut)));
    }
  }

  /**
   * Uniform in [-limit, limit), limit = sqrt(6 / fanIn): the deviation of {@link HeNormal}.
   *
   * @param fanIn inputs of one output
   */
  record HeUniform(long fanIn) implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      return (float) ((2 * key.uniform(element) - 1) * Math.sqrt(6.0 / fanIn));
    }
  }

  /**
   * Normal with mean 0 and deviation sqrt(2 / fanIn), which suits ReLU: He, Zhang, Ren and Sun,
   * "Delving Deep into Rectifiers", 2015, equation 10.
   *
   * @param fanIn inputs of one output
   */
  record HeNormal(long fanIn) implements Initializer {
    @Override
    public float value(RandomKey key, long element) {
      return (float) (key.normal(element) * Math.sqrt(2.0 / fanIn));
    }
  }
}
