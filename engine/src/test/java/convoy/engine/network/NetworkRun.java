package convoy.engine.network;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.Initializer;
import convoy.engine.layer.TestValues;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * What a network makes of given images.
 *
 * @param output the scores
 * @param gradient of the parameters; empty for inference
 */
record NetworkRun(float[] output, float[] gradient) {

  /** Values for the parameters of {@code spec}; what is made of equal values gets others. */
  static Parameters parameters(NetworkSpec spec) {
    Parameters parameters = Parameters.initial(spec.layout(), 7);
    for (ParameterLayout.Entry entry : spec.layout().entries()) {
      Initializer initializer = entry.spec().initializer();
      if (initializer instanceof Initializer.Zeros || initializer instanceof Initializer.Ones) {
        float[] added = TestValues.spread(TestValues.key(entry.offset()), entry.size());
        for (int i = 0; i < added.length; i++) {
          parameters.values()[entry.offset() + i] += 0.2f * added[i];
        }
      }
    }
    return parameters;
  }

  /** Pixels of {@code images} images, whole numbers from 0 to 255. */
  static float[] images(NetworkSpec spec, int images) {
    RandomKey key = TestValues.key(1);
    float[] pixels = new float[images * spec.input().imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = key.below(256, i);
    }
    return pixels;
  }

  /** A gradient of the scores of {@code images} images. */
  static float[] outputGradient(NetworkSpec spec, int images) {
    return TestValues.spread(TestValues.key(2), images * spec.outputs());
  }

  /** Trains or infers in a fresh workspace whose memory is poisoned with NaN. */
  static NetworkRun of(Plan plan, Kernels kernels, int threads, int images) {
    float[] pixels = images(plan.spec(), images);
    return of(plan, kernels, threads, pixels);
  }

  /** The same, of given images. */
  static NetworkRun of(Plan plan, Kernels kernels, int threads, float[] pixels) {
    int images = pixels.length / plan.spec().input().imageSize();
    try (Workspace workspace = new Workspace(plan, kernels, threads)) {
      for (int i = 0; i < plan.bufferSizes().size(); i++) {
        Arrays.fill(workspace.buffer(i), Float.NaN);
      }
      Arrays.fill(workspace.gradient(), Float.NaN);
      return run(new Network(workspace, parameters(plan.spec())), pixels, images);
    }
  }

  /** Runs {@code network} over {@code images} images. */
  static NetworkRun run(Network network, float[] pixels, int images) {
    Tensor input = network.input(images);
    System.arraycopy(pixels, 0, input.array(), input.offset(), pixels.length);
    float[] output = copy(network.forward(images));
    if (network.plan().mode() == Plan.Mode.TRAINING) {
      Tensor gradient = network.outputGradient(images);
      float[] values = outputGradient(network.plan().spec(), images);
      System.arraycopy(values, 0, gradient.array(), gradient.offset(), values.length);
      network.backward(images);
    }
    return new NetworkRun(output, network.gradient().clone());
  }

  private static float[] copy(Tensor tensor) {
    Shape shape = tensor.shape();
    int from = tensor.offset();
    return Arrays.copyOfRange(tensor.array(), from, from + (int) shape.size());
  }
}
