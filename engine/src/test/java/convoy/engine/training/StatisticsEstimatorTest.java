package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.training.StatisticsEstimator.Estimate;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class StatisticsEstimatorTest {
  private static final int IMAGES = 10;
  private static final int BATCH = 4;
  private static final Shard SHARD = shard();
  private static final ShardPass PASS = ShardPass.of(3, 1, 0, IMAGES);

  private static final String YAML =
      """
      name: test
      input: {height: 3, width: 2, channels: 3}
      layers:
        - scaling: {deviation: 255}
        - batchNormalization: {momentum: 0.75}
        - convolution: {filters: 5, kernel: 2}
        - batchNormalization: {momentum: 1}
        - relu
        - dropout: {rate: 0.25}
        - flatten
        - dense: {units: 3}
        - batchNormalization
      """;

  private static final NetworkSpec SPEC = NetworkSpec.fromYaml("test", YAML);

  @Test
  void aFirstLayersStatisticsAreTheMomentsOfAllPixels() {
    for (int batches : new int[] {1, 2, 3, 99}) {
      Estimate estimate = estimate(SPEC, batches);
      int images = Math.min(batches * BATCH, IMAGES);
      assertEquals(images, estimate.images());
      for (int c = 0; c < 3; c++) {
        double sum = 0, squares = 0;
        for (int n = 0; n < images; n++) {
          for (int pixel = 0; pixel < 6; pixel++) {
            double x = (SHARD.pixels()[PASS.order()[n] * 18 + pixel * 3 + c] & 0xFF) / 255.0;
            sum += x;
            squares += x * x;
          }
        }
        double mean = sum / (6 * images);
        assertEquals(mean, estimate.values()[c], 1e-6);
        assertEquals(squares / (6 * images) - mean * mean, estimate.values()[3 + c], 1e-6);
      }
    }
  }

  @Test
  void statisticsAreThoseOfForwardPassesInTraining() {
    Estimate estimate = estimate(SPEC, 3);
    double[] pooled = plainlyPooled();
    assertEquals(2 * (3 + 5 + 3), estimate.values().length);
    for (int i = 0; i < pooled.length; i++) {
      assertEquals(pooled[i], estimate.values()[i], 1e-6 * Math.max(1, Math.abs(pooled[i])));
    }
  }

  /** Of all batches at once, by passes through a network that trains and keeps nothing. */
  private static double[] plainlyPooled() {
    NetworkSpec forgetful =
        NetworkSpec.fromYaml(
            "test",
            YAML.replaceAll("momentum: [0-9.]+", "momentum: 0")
                .replace("- batchNormalization\n", "- batchNormalization: {momentum: 0}\n"));
    ParameterLayout layout = forgetful.layout();
    int first = layout.size() - layout.statisticsSize();
    int[] sizes = {4, 4, 2};
    float[][] measured = new float[3][];
    try (Workspace workspace = workspace(forgetful, Plan.Mode.TRAINING)) {
      Network network = new Network(workspace, parameters(forgetful));
      MiniBatch batch = new MiniBatch(BATCH, SHARD.image(), Augmentation.NONE);
      for (int b = 0; b < 3; b++) {
        batch.fill(SHARD, PASS.order(), b * BATCH, PASS.augmentation(), network.input(sizes[b]));
        network.forward(sizes[b], PASS.dropout(), b);
        measured[b] = Arrays.copyOfRange(network.parameters().values(), first, layout.size());
      }
    }
    double[] pooled = new double[layout.statisticsSize()];
    for (ParameterLayout.Moments layer : layout.moments()) {
      for (int i = 0; i < layer.size(); i++) {
        int mean = layer.offset() - first + i, variance = mean + layer.size();
        for (int b = 0; b < 3; b++) {
          pooled[mean] += sizes[b] / 10.0 * measured[b][mean];
        }
        for (int b = 0; b < 3; b++) {
          double off = measured[b][mean] - pooled[mean];
          pooled[variance] += sizes[b] / 10.0 * (measured[b][variance] + off * off);
        }
      }
    }
    return pooled;
  }

  @Test
  void whatTrainsStaysAsItIsAndSoDoFrozenStatistics() {
    NetworkSpec frozen =
        NetworkSpec.fromYaml("test", YAML.replace("{momentum: 0.75}", "{trainable: false}"));
    Parameters before = parameters(frozen);
    try (Workspace workspace = workspace(frozen, Plan.Mode.STATISTICS)) {
      Parameters parameters = parameters(frozen);
      Estimate estimate =
          new StatisticsEstimator(new Network(workspace, parameters))
              .estimate(SHARD, PASS, 3, () -> false);
      assertEquals(2 * (5 + 3), estimate.values().length);
      int kept = before.layout().size() - before.layout().statisticsSize();
      assertArrayEquals(
          Arrays.copyOf(before.values(), kept), Arrays.copyOf(parameters.values(), kept));
    }
  }

  @Test
  void theEstimateDependsOnNothingMeasuredBefore() {
    try (Workspace workspace = workspace(SPEC, Plan.Mode.STATISTICS)) {
      StatisticsEstimator estimator =
          new StatisticsEstimator(new Network(workspace, parameters(SPEC)));
      float[] first = estimator.estimate(SHARD, PASS, 2, () -> false).values();
      assertArrayEquals(first, estimator.estimate(SHARD, PASS, 2, () -> false).values());
      assertArrayEquals(first, estimate(SPEC, 2).values());
    }
  }

  @Test
  void aPlanForStatisticsNeedsLessMemoryThanOneForTraining() {
    long training = new Plan(SPEC, BATCH, Plan.Mode.TRAINING).workspaceBytes(kernels(), 1);
    long statistics = new Plan(SPEC, BATCH, Plan.Mode.STATISTICS).workspaceBytes(kernels(), 1);
    assertTrue(statistics < training, statistics + " and " + training);
  }

  @Test
  void itEndsWhenCancelled() {
    try (Workspace workspace = workspace(SPEC, Plan.Mode.STATISTICS)) {
      StatisticsEstimator estimator =
          new StatisticsEstimator(new Network(workspace, parameters(SPEC)));
      assertThrows(
          CancellationException.class, () -> estimator.estimate(SHARD, PASS, 2, () -> true));
    }
  }

  @Test
  void aPlanForSomethingElseIsRefused() {
    try (Workspace workspace = workspace(SPEC, Plan.Mode.TRAINING)) {
      Network network = new Network(workspace, parameters(SPEC));
      assertThrows(IllegalStateException.class, () -> new StatisticsEstimator(network));
    }
    try (Workspace workspace = workspace(SPEC, Plan.Mode.STATISTICS)) {
      Network network = new Network(workspace, parameters(SPEC));
      assertThrows(IllegalStateException.class, () -> network.backward(1));
    }
  }

  private static Estimate estimate(NetworkSpec spec, int batches) {
    try (Workspace workspace = workspace(spec, Plan.Mode.STATISTICS)) {
      return new StatisticsEstimator(new Network(workspace, parameters(spec)))
          .estimate(SHARD, PASS, batches, () -> false);
    }
  }

  private static ScalarKernels kernels() {
    return new ScalarKernels();
  }

  private static Workspace workspace(NetworkSpec spec, Plan.Mode mode) {
    return new Workspace(new Plan(spec, BATCH, mode), kernels(), 1);
  }

  private static Parameters parameters(NetworkSpec spec) {
    return Parameters.initial(spec.layout(), 5);
  }

  private static Shard shard() {
    RandomKey key = RandomKey.of(9, RandomKey.Purpose.GENERATED_DATA);
    byte[] pixels = new byte[IMAGES * 18];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) key.below(256, i);
    }
    int[] labels = new int[IMAGES];
    Arrays.setAll(labels, i -> i % 3);
    return new Shard(new Shape(1, 3, 2, 3), pixels, labels);
  }
}
