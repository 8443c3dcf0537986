package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.data.Shard;
import convoy.engine.kernel.ChildJvm;
import convoy.engine.kernel.Kernels;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestLayers;
import convoy.engine.loss.Loss;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.NetworkSpec;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a training step allocates. */
class StepAllocationTest {
  private static final int BATCH = 8;
  private static final int STEPS = 20;
  private static final long MOST_BYTES = 16 << 10;
  private static final long WARM_UP_NANOS = 90_000_000_000L;
  private static final List<String> XINT = List.of("-Xint");

  /** Until the JIT has compiled what a step runs, each vector is boxed. */
  @Test
  void aStepWithVectorsAllocatesFewKilobytesOnceItIsCompiled() {
    Kernels kernels = Kernels.best().kernels();
    Shard shard = TestShards.quarters(BATCH * STEPS);
    Loss loss = SoftmaxCrossEntropy.DEFAULT;
    long end = System.nanoTime() + WARM_UP_NANOS;
    double bytes = Double.POSITIVE_INFINITY;
    try (StepAllocation allocation =
        new StepAllocation(network(), loss, Descent.of(Adam.DEFAULT), kernels, 1, BATCH)) {
      while (bytes >= MOST_BYTES && System.nanoTime() < end) {
        bytes = allocation.ofEpoch(shard).stream().mapToLong(b -> b).average().orElseThrow();
      }
    }
    assertTrue(bytes < MOST_BYTES, bytes + " bytes a step");
  }

  @Test
  void aStepWithoutVectorsAllocatesNothingFromTheSecondOn()
      throws IOException, InterruptedException {
    assertAllStartWith("median 0, most 0 bytes: ", ChildJvm.run(XINT, ScalarSteps.class, "2"));
  }

  /**
   * Of single steps that says nothing: code that was compiled before the interpreter had come to
   * its end is linked when the interpreter meets it later, and the JVM makes strings for that.
   */
  @Test
  void norDoesOneThatIsCompiledMeanwhile() throws IOException, InterruptedException {
    assertAllStartWith("median 0, ", ChildJvm.run(List.of(), ScalarSteps.class, "50"));
  }

  private static void assertAllStartWith(String wanted, String report) {
    assertTrue(report.lines().count() > 40, report);
    for (String line : report.lines().toList()) {
      assertTrue(line.startsWith(wanted), line);
    }
  }

  private static NetworkSpec network() {
    Padding same = new Padding.Same();
    Layer wide = TestLayers.convolution(32, 3, 3, 1, 1, same, true);
    List<Layer> layers =
        List.of(
            Scaling.by(255),
            wide,
            BatchNormalization.DEFAULT,
            new Relu(),
            Residual.identity(List.of(wide, new Relu(), wide)),
            TestLayers.maxPooling(2, 2, 2, 2, new Padding.Valid()),
            TestLayers.convolution(16, 1, 1, 1, 1, same, true),
            new Flatten(),
            new Dense(4, true));
    return new NetworkSpec(
        "wide", TestShards.quarters(1).image(), List.of(), false, new Sequence(layers));
  }
}
