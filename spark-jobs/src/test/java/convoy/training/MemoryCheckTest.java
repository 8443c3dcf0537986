package convoy.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.ReplicaSettings;
import convoy.averaging.ScorerSettings;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.cluster.TaskHeap;
import convoy.engine.data.Augmentation;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.tensor.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final long MEGABYTE = 1 << 20;
  private static final long GIGABYTE = 1 << 30;

  private final ReplicaSettings replica =
      new ReplicaSettings(
          TestData.NETWORK,
          32,
          1,
          Augmentation.NONE,
          SoftmaxCrossEntropy.DEFAULT,
          Descent.of(Adam.DEFAULT));
  private final ScorerSettings scorer = new ScorerSettings(TestData.NETWORK, 32, 1);

  @AfterEach
  void endSession() {
    TestSpark.stop();
  }

  @Test
  void aDriverTooSmallIsToldWhichOptionToRaise() {
    String message = refusal(local(200, 2), 1000);
    assertTrue(message.contains("heap on the driver (2 tasks at once, each of "), message);
    assertTrue(message.contains("it has 200 MB: raise --driver-memory"), message);
    assertFalse(message.contains("--executor-memory"), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void executorsTooSmallAreToldWhichOptionToRaise() {
    String message =
        refusal(new MemoryCheck(GIGABYTE, new TaskHeap(200 * MEGABYTE, false), 1, 4), 1000);
    assertTrue(message.contains("raise --executor-memory"), message);
    assertFalse(message.contains("--driver-memory"), message);
  }

  @Test
  void aDriverThatCanNotHoldTheModelsIsToldSo() {
    MemoryCheck check = new MemoryCheck(310 * MEGABYTE, new TaskHeap(GIGABYTE, false), 1, 4);
    assertEquals(
        "training needs about 312 MB of heap on the driver, it has 310 MB: raise --driver-memory",
        refusal(check, 1000));
  }

  @Test
  void shardsCountWithTheirImages() {
    MemoryCheck check = local(600, 1);
    assertDoesNotThrow(() -> check(check, 1000));
    // 100,000 images of 32x32x3 bytes are 293 MB.
    String message = refusal(check, 100_000);
    assertTrue(message.contains("raise shards"), message);
  }

  @Test
  void tasksThatRunAtOnceCountEach() {
    assertDoesNotThrow(() -> check(local(600, 1), 50_000));
    refusal(local(600, 2), 50_000);
  }

  @Test
  void locallyTheDriversHeapAndTheMastersCoresCount() {
    MemoryCheck many = MemoryCheck.of(TestSpark.local(2).sparkContext(), 4);
    long heap = Runtime.getRuntime().maxMemory();
    assertEquals(new MemoryCheck(heap, new TaskHeap(heap, true), 2, 4), many);
    assertEquals(1, MemoryCheck.of(TestSpark.local(2).sparkContext(), 1).tasks());
  }

  @Test
  void whatTasksReduceCountsEachButNoMoreThanThereIs() {
    Shape image = new Shape(1, 32, 32, 3);
    MemoryNeeds needs = new MemoryNeeds(0, image, 0, 40 * MEGABYTE);
    long alone = needs.executor(1, 1, 0);
    assertEquals(24 * MEGABYTE, needs.executor(1, 100, 0) - alone, "64 instead of 40 MB");
    assertEquals((128 - 40) * MEGABYTE, needs.executor(2, 100, 0) - alone);
    assertEquals(40 * MEGABYTE, needs.executor(32, 2, 0) - alone, "all of two states");
  }

  private static MemoryCheck local(long heapMegabytes, int tasks) {
    long heap = heapMegabytes * MEGABYTE;
    return new MemoryCheck(heap, new TaskHeap(heap, true), tasks, 4);
  }

  private void check(MemoryCheck check, long images) {
    long work = replica.sizeBytes() + scorer.sizeBytes();
    Shape image = new Shape(1, 32, 32, 3);
    check.check(new MemoryNeeds(work, image, 8 * MEGABYTE, 4 * MEGABYTE), images);
  }

  private String refusal(MemoryCheck check, long images) {
    return assertThrows(IllegalArgumentException.class, () -> check(check, images)).getMessage();
  }
}
