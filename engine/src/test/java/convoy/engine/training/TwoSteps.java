package convoy.engine.training;

import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.tensor.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Trains two steps of a small network, a partial batch included, and prints a digest of parameters
 * and optimizer state for each kind of kernels. What {@link SameBitsTest} starts in other JVMs.
 */
public final class TwoSteps {
  private TwoSteps() {}

  /** Starts over {@code arguments[0]} times, so that the JVM compiles it meanwhile. */
  public static void main(String[] arguments) {
    for (Kernels kernels : TestKernels.all()) {
      String digest = train(kernels);
      for (int repetition = 1; repetition < Integer.parseInt(arguments[0]); repetition++) {
        String again = train(kernels);
        if (!again.equals(digest)) {
          throw new IllegalStateException(
              kernels.name() + " gave " + digest + ", and " + again + " once compiled");
        }
      }
      System.out.println("digest " + kernels.name() + " " + digest);
    }
  }

  private static String train(Kernels kernels) {
    Shard shard = TestShards.quarters(5);
    Plan plan = new Plan(network(), 3, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, kernels, 2)) {
      Parameters parameters = Parameters.initial(plan.layout(), 1);
      OptimizerState state = Adam.DEFAULT.newState(plan.layout().trainableSize());
      LocalTrainer trainer =
          new LocalTrainer(
              new Network(workspace, parameters),
              SoftmaxCrossEntropy.DEFAULT,
              Descent.of(Adam.DEFAULT),
              new Augmentation(true, 1, 2, 0.2, 0.2, 0.2));
      ShardPass pass = ShardPass.of(1, 0, 0, shard.size());
      trainer.train(shard, pass, new StepRange(0, 0, 2, 0), state, () -> false);
      return digest(parameters.values(), state.slots()[0], state.slots()[1]);
    }
  }

  /** All kinds of layers, channels that fill no vector, a stride and a 1x1 kernel. */
  private static NetworkSpec network() {
    Padding same = new Padding.Same();
    Sequence body =
        new Sequence(
            List.of(
                TestLayers.convolution(21, 3, 3, 2, 2, same, true),
                new Relu(),
                TestLayers.convolution(21, 3, 3, 1, 1, same, false),
                BatchNormalization.DEFAULT));
    Sequence projection = new Sequence(List.of(TestLayers.convolution(21, 1, 1, 2, 2, same, true)));
    return new NetworkSpec(
        "tiny",
        new Shape(1, 8, 8, 3),
        List.of(),
        false,
        new Sequence(
            List.of(
                Scaling.by(255),
                TestLayers.convolution(10, 3, 3, 1, 1, same, true),
                BatchNormalization.DEFAULT,
                new Relu(),
                Residual.identity(
                    List.of(TestLayers.convolution(10, 3, 3, 1, 1, same, true), new Relu())),
                new Residual(body, Optional.of(projection)),
                TestLayers.maxPooling(2, 2, 2, 2, new Padding.Valid()),
                new Flatten(),
                new Dense(4, true))));
  }

  private static String digest(float[]... arrays) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (float[] array : arrays) {
        ByteBuffer bytes = ByteBuffer.allocate(array.length * Float.BYTES);
        bytes.asFloatBuffer().put(array);
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
