package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TaskResultsTest {
  private static final CountDownLatch USED = new CountDownLatch(1);

  @AfterAll
  static void stop() {
    TestSpark.stop();
  }

  /** The second task waits until the first one's result was used. */
  @Test
  void eachResultIsUsedAsItComes() {
    JavaRDD<Integer> results =
        JavaSparkContext.fromSparkContext(TestSpark.local(2).sparkContext())
            .parallelize(List.of(1, 2), 2)
            .map(
                number -> {
                  assertTrue(number == 1 || USED.await(60, TimeUnit.SECONDS), "nothing was used");
                  return number;
                });
    AtomicInteger sum = new AtomicInteger();
    TaskResults.forEach(
        results,
        Integer.class,
        number -> {
          sum.addAndGet(number);
          USED.countDown();
        });
    assertEquals(3, sum.get());
  }

  @Test
  void packedOnesAreWhatTheyWere() {
    TestSpark.local(2);
    long[] numbers = {1, 0, -7, Long.MAX_VALUE};
    assertArrayEquals(numbers, TaskResults.unpacked(TaskResults.packed(numbers), long[].class));
  }
}
