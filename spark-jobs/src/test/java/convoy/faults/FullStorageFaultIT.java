package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.job.JobCall;
import convoy.training.TrainingRequest.Existing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that find no room for a checkpoint, and go on once there is. */
@Timeout(600)
class FullStorageFaultIT {
  private static final int FAILED = 1;
  private static final int EPOCHS = 2;

  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.get();
  }

  @Test
  void withoutSpaceInHdfsTheLastCheckpointStaysGood() throws Exception {
    String run = "/no-space";
    String uri = rig.hdfs().uri(run);
    rig.train(uri, 1, Existing.REFUSE);
    Map<String, Long> before = rig.hdfs().sizes(run + "/checkpoints/3");

    rig.hdfs().limit(run, 2);
    JobCall call = rig.call(uri, EPOCHS, "--resume");
    assertEquals(FAILED, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy train: " + uri + "/checkpoints/6 can't be written: "));
    assertTrue(call.err().contains("quota"), call.err());
    assertTrue(call.err().contains("mend that, and resume"), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertEquals(before, rig.hdfs().sizes(run + "/checkpoints/3"));

    rig.hdfs().unlimit(run);
    assertEquals(List.of(2), rig.train(uri, EPOCHS, Existing.RESUME));
    rig.assertWhole(run, EPOCHS);
  }

  @Test
  void beyondALimitOfLocalFilesTheLastCheckpointStaysGood(@TempDir Path folder) throws Exception {
    Path run = folder.resolve("run");
    rig.train(run.toString(), 1, Existing.REFUSE);

    // 512 or 1024 bytes each, by the shell; the weights are of half a megabyte.
    try (ConvoyProcess process = rig.start("ulimit -f 400", run.toString(), EPOCHS, "--resume")) {
      assertEquals(FAILED, process.status(), process.output());
      String line = "convoy train: file:" + run + "/checkpoints/6 can't be written: ";
      assertTrue(process.output().contains(line), process.output());
      assertTrue(process.output().contains("File too large"), process.output());
    }
    assertTrue(Files.exists(run.resolve("checkpoints/3/manifest.json")));

    assertEquals(List.of(2), rig.train(run.toString(), EPOCHS, Existing.RESUME));
    rig.assertWhole("file:" + run, EPOCHS);
  }
}
