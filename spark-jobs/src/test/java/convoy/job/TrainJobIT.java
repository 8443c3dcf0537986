package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.launch.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command on executors in processes of their own. */
@Timeout(180)
class TrainJobIT {
  /** Lanes of two floats, which the vector kernels refuse. */
  private static final String WITHOUT_VECTORS = "-XX:MaxVectorSize=8";

  @TempDir private Path temporary;

  @AfterEach
  void stop() {
    TestSpark.stop();
  }

  @Test
  void anExecutorWithOtherKernelsThanTheDriverIsWrongInput() throws Exception {
    String data = TestData.dataset(TestSpark.local(2), temporary, 7, 30, 3).folder().toString();
    TestSpark.stop();
    Path network = Files.writeString(temporary.resolve("tiny.yaml"), TestData.NETWORK);
    Path out = temporary.resolve("run");
    Path scratch = temporary.resolve("cluster");
    try (LocalCluster cluster =
        LocalCluster.start(TestSpark.HOME, scratch, List.of("127.0.0.1"), 1, "1g")) {
      TestSpark.use(cluster, Map.of("spark.executor.extraJavaOptions", WITHOUT_VECTORS));
      JobCall call =
          JobCall.of(
              new TrainJob(),
              "--data",
              data,
              "--network",
              network.toString(),
              "--out",
              out.toString());
      assertEquals(ExitStatus.WRONG_INPUT, call.status(), call.err());
      assertTrue(
          call.err()
              .startsWith(
                  "convoy train: executor 0 at 127.0.0.1 computes with scalar kernels, numerics"),
          call.err());
      assertTrue(call.err().contains(", the driver with vector kernels, numerics"), call.err());
      assertEquals(1, call.err().lines().count(), call.err());
      assertFalse(Files.exists(out), "nothing is left");
    }
  }
}
