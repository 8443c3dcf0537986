package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.faults.Hdfs;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry on a real HDFS, with a crash at each step, and with many at once. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegistryOnHdfsIT {
  @TempDir private static Path shared;

  private static Hdfs hdfs;

  @BeforeAll
  static void start() throws IOException {
    hdfs = Hdfs.start(shared);
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @Test
  void aCrashAtAnyStepLeavesAChampionAndTheNextGoesOn() throws Exception {
    CrashAtEachStep.assertTheNextGoesOn(
        name -> open("/" + name),
        (registry, steps) -> {
          CrashingHdfs.crashAfter(steps);
          try {
            StepwisePromoter.addPromoteAndTakeBack(registry);
          } catch (IOException e) {
            assertTrue(CrashingHdfs.hasCrashed(), e.toString());
          }
          boolean crashed = CrashingHdfs.hasCrashed();
          CrashingHdfs.recover();
          return crashed;
        });
  }

  @Test
  void ofTwoOneIsPromotedAtWhicheverStepTheOtherComes() throws Exception {
    CrashAtEachStep.assertOneOfTwoIsPromoted(
        name -> open("/" + name),
        (registry, steps, meanwhile) -> {
          CrashingHdfs.pauseAfter(steps, meanwhile);
          try {
            StepwisePromoter.addPromoteAndTakeBack(registry);
          } catch (NoSuchElementException e) {
            // It was overtaken.
          }
          return CrashingHdfs.hasPaused();
        });
  }

  @Test
  void ofManyAtOnceOneIsPromotedAndEachVersionHasItsOwnNumber() throws Exception {
    Contention.assertOneOfManyIsPromoted(open("/contention"));
  }

  private static Registry open(String path) throws IOException {
    // Another name of the same host, as Hadoop keeps one client for each.
    String uri = hdfs.uri(path).replace("//localhost:", "//127.0.0.1:");
    return Registry.open(new Storage(CrashingHdfs.configuration()), uri);
  }
}
