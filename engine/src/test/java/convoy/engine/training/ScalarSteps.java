package convoy.engine.training;

import convoy.engine.data.Shard;
import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.Activation;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.LocalResponseNormalization;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestLayers;
import convoy.engine.loss.Loss;
import convoy.engine.loss.MeanSquaredError;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ShippedNetworks;
import convoy.engine.network.TestNetworks;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Annealing;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OneCycle;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Schedule;
import convoy.engine.optimizer.Sgd;
import convoy.engine.optimizer.WeightDecay;
import convoy.engine.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains small networks of all kinds of layers with the scalar kernels, and prints how many bytes
 * their steps allocate. What {@link StepAllocationTest} starts in other JVMs.
 */
final class ScalarSteps {
  private static final List<String> SHIPPED =
      List.of(
          "small",
          "lenet",
          "vanilla",
          "row-recurrent",
          "residual-pool",
          "resnet20",
          "inception-cifar",
          "alexnet-cifar");

  /** What the shipped networks' filters and units are divided by. */
  private static final int NARROWING = 32;

  private static final int BATCH = 2;

  /** A whole batch and a partial one. */
  private static final int IMAGES = 3;

  private ScalarSteps() {}

  /** Trains so many epochs as {@code arguments[0]} says. */
  public static void main(String[] arguments) throws IOException {
    int epochs = Integer.parseInt(arguments[0]);
    List<Descent> descents =
        List.of(
            Descent.of(Adam.DEFAULT),
            descent(Adam.DEFAULT, new WeightDecay(0.01, true)),
            Descent.of(new Sgd(1e-6, 0, false)),
            descent(new Sgd(1e-6, 0.9, false), new WeightDecay(0.01, false)),
            Descent.of(new Sgd(1e-6, 0.9, true)));
    int number = 0;
    for (NetworkSpec spec : specs()) {
      boolean sigmoid = Loss.evaluating(spec.lastLayer()) instanceof MeanSquaredError;
      Loss loss = sigmoid ? new MeanSquaredError() : new SoftmaxCrossEntropy(number % 2 * 0.1);
      report(spec, loss, descents.get(number % descents.size()), 1 + number % 2, epochs);
      number++;
    }
  }

  /** With a schedule, with weights that decay and with gradients that are clipped. */
  private static Descent descent(Optimizer optimizer, WeightDecay decay) {
    Schedule schedule = new OneCycle(0.3, 25, 1e4, Annealing.COSINE);
    return new Descent(optimizer, schedule, new RunLength(IMAGES, 1000), decay, 0.5);
  }

  private static List<NetworkSpec> specs() throws IOException {
    List<NetworkSpec> specs = new ArrayList<>();
    for (String name : SHIPPED) {
      specs.add(ShippedNetworks.narrowed(ShippedNetworks.of(name), NARROWING));
    }
    specs.addAll(TestNetworks.all());
    specs.add(sigmoid());
    return specs;
  }

  /** What no other of them has: frozen layers, another exponent, and outputs of a sigmoid. */
  private static NetworkSpec sigmoid() {
    return new NetworkSpec(
        "sigmoid",
        new Shape(1, 6, 5, 2),
        List.of(),
        false,
        new Sequence(
            List.of(
                Scaling.by(255),
                TestLayers.convolution(3, 3, 3, 1, 1, new Padding.Same(), true),
                new Frozen(BatchNormalization.DEFAULT),
                new Frozen(TestLayers.convolution(3, 3, 3, 1, 1, new Padding.Same(), true)),
                new LocalResponseNormalization(3, 0.1, 0.6, 1, false),
                new Flatten(),
                new Dropout(0.3),
                new Dense(3, true),
                new Activation(ActivationFunction.SIGMOID))));
  }

  /** Prints the bytes of the median step and of the one with most, the first step left out. */
  private static void report(
      NetworkSpec spec, Loss loss, Descent descent, int threads, int epochs) {
    Shard shard = TestShards.noise(spec.input(), IMAGES, spec.outputs());
    List<Long> steps = new ArrayList<>();
    try (StepAllocation allocation =
        new StepAllocation(spec, loss, descent, new ScalarKernels(), threads, BATCH)) {
      for (int epoch = 0; epoch < epochs; epoch++) {
        steps.addAll(allocation.ofEpoch(shard));
      }
    }
    long[] sorted = steps.stream().skip(1).mapToLong(bytes -> bytes).sorted().toArray();
    long median = sorted[sorted.length / 2], most = sorted[sorted.length - 1];
    System.out.printf(
        "median %d, most %d bytes: %s, %d threads%n", median, most, spec.name(), threads);
  }
}
