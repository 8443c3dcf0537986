package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TaskHeapTest {
  private static final long MEGABYTE = 1 << 20;

  @Test
  void whatDoesNotFitAnExecutorIsToldInMegabytesThatAreBegun() {
    TaskHeap heap = new TaskHeap(900 * MEGABYTE, false);
    assertDoesNotThrow(() -> heap.check("work", 900 * MEGABYTE, 2, 300 * MEGABYTE, ""));
    assertEquals(
        "work needs about 901 MB of heap on each executor (2 tasks at once, each of 300 MB), it has"
            + " 900 MB: raise --executor-memory, or rest",
        refusal(heap, 900 * MEGABYTE + 1, 2, ", or rest"));
  }

  @Test
  void inLocalModeTheHeapIsTheDrivers() {
    assertEquals(
        "work needs about 2 MB of heap on the driver (1 task of 300 MB), it has 1 MB: raise"
            + " --driver-memory",
        refusal(new TaskHeap(MEGABYTE, true), 2 * MEGABYTE, 1, ""));
  }

  private static String refusal(TaskHeap heap, long needed, int tasks, String remedies) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> heap.check("work", needed, tasks, 300 * MEGABYTE, remedies))
        .getMessage();
  }
}
