package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.TaskHeap;
import convoy.engine.network.NetworkSpec;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/**
 * A model of 1,000 classes has 1,001,000 counts in its confusion matrix and 512 for each class in
 * histograms, together 12 MB; its 28,000 parameters are next to nothing.
 */
class ScoringMemoryTest {
  private static final long MEGABYTE = 1 << 20;
  private static final long LARGE = 100_000 * MEGABYTE;
  private static final NetworkSpec THOUSAND =
      NetworkSpec.fromYaml(
          "test",
          """
          name: thousand
          input: {height: 3, width: 3, channels: 3}
          layers: [flatten, dense: {units: 1000}]
          """);

  @Test
  void countsOfEachTaskHaveToFitAnExecutor() {
    String refusal = refusal(memory(2, 7), heap(400, false), 2, LARGE);
    assertTrue(refusal.startsWith("evaluation needs about "), refusal);
    assertTrue(refusal.contains(" MB of heap on each executor (2 tasks at once"), refusal);
    assertTrue(refusal.endsWith("raise --executor-memory, or rest"), refusal);
    assertDoesNotThrow(() -> memory(2, 7).check(heap(4000, false), 2, 1, LARGE, ""));
    assertDoesNotThrow(() -> memory(1, 1).check(heap(400, false), 1, 1, LARGE, ""));
  }

  @Test
  void countsThatAreBeingAddedHaveToFitTheDriver() {
    String refusal = refusal(memory(2, 7), heap(4000, false), 2, 400 * MEGABYTE);
    assertTrue(refusal.contains(" MB of heap on the driver, it has 400 MB"), refusal);
    assertTrue(refusal.endsWith("raise --driver-memory, or rest"), refusal);
    assertDoesNotThrow(
        () -> memory(1, 1).check(heap(4000, false), 2, 1, 400 * MEGABYTE, ", or rest"));
  }

  /** Where the driver runs the tasks one heap has to hold both. */
  @Test
  void inLocalModeBothHaveToFitOneHeap() {
    ScoringMemory memory = memory(2, 7);
    long tasks = smallest(memory, false), both = smallest(memory, true);
    // The sum, and four results that are being added to it.
    assertEquals(5 * 14 * 8 * (1_001_000 + 512_000) / MEGABYTE, both - tasks, 2);
  }

  /** The smallest heap, in MB, that is not refused for one task. */
  private static long smallest(ScoringMemory memory, boolean local) {
    long megabytes = 1;
    while (isRefused(memory, heap(megabytes, local))) {
      megabytes++;
    }
    return megabytes;
  }

  private static boolean isRefused(ScoringMemory memory, TaskHeap heap) {
    try {
      memory.check(heap, 1, 1, LARGE, "");
      return false;
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private static String refusal(ScoringMemory memory, TaskHeap heap, int atOnce, long driver) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> memory.check(heap, atOnce, 1, driver, ", or rest"))
        .getMessage();
  }

  private static ScoringMemory memory(int models, int columns) {
    return new ScoringMemory(Collections.nCopies(models, THOUSAND), columns);
  }

  private static TaskHeap heap(long megabytes, boolean local) {
    return new TaskHeap(megabytes * MEGABYTE, local);
  }
}
