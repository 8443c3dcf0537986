package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.averaging.TestSpark;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TaskSlotsTest {
  @AfterAll
  static void endSession() {
    TestSpark.stop();
  }

  @Test
  void locallyTheDriverHasTheMastersCores() {
    assertEquals(new TaskSlots(1, 2), TaskSlots.of(TestSpark.local(2).sparkContext()));
    assertEquals(
        new TaskSlots(1, 2),
        TaskSlots.of(
            TestSpark.local(5, Map.of("spark.task.cpus", "2", "spark.default.parallelism", "40"))
                .sparkContext()));
  }

  @Test
  void anExecutorHasNoMoreTasksThanItsShareOfTheShards() {
    TaskSlots slots = new TaskSlots(3, 4);
    assertEquals(12, slots.count());
    assertEquals(4, slots.tasksAtOnce(100));
    assertEquals(2, slots.tasksAtOnce(4));
    assertEquals(1, slots.tasksAtOnce(3));
  }
}
