package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalInt;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class TaskCoresTest {
  @Test
  void coresOfALocalMasterAreTheLimit() {
    for (String master : new String[] {"local", "local[1]", "local[1,4]", "local[1, 4]"}) {
      SparkConf conf = conf(master);
      assertDoesNotThrow(() -> TaskCores.check(conf));
      assertEquals(
          "a task takes 2 cores (spark.task.cpus, by default threadsPerReplica), and no executor has"
              + " more than 1: lower it, or give the executors more",
          refusal(conf.clone().set("spark.task.cpus", "2")));
    }
    SparkConf two = conf("local[2,4]").set("spark.task.cpus", "2");
    assertDoesNotThrow(() -> TaskCores.check(two));
    refusal(conf("local[*]").set("spark.task.cpus", Integer.toString(Integer.MAX_VALUE)));
  }

  @Test
  void coresThatExecutorsAreAskedToHaveAreTheLimit() {
    SparkConf conf = conf("spark://host:7077").set("spark.task.cpus", "4");
    assertDoesNotThrow(() -> TaskCores.check(conf), "not known before they register");
    assertDoesNotThrow(() -> TaskCores.check(conf.clone().set("spark.executor.cores", "4")));
    refusal(conf.clone().set("spark.executor.cores", "3"));
  }

  @Test
  void aLocalMasterNamesItsCores() {
    int all = Runtime.getRuntime().availableProcessors();
    assertEquals(OptionalInt.of(1), TaskCores.ofLocalMaster("local"));
    assertEquals(OptionalInt.of(12), TaskCores.ofLocalMaster("local[12, 4]"));
    assertEquals(OptionalInt.of(all), TaskCores.ofLocalMaster("local[*]"));
    assertEquals(OptionalInt.of(all), TaskCores.ofLocalMaster("local[*,4]"));
    assertEquals(OptionalInt.empty(), TaskCores.ofLocalMaster("local-cluster[2,1,1024]"));
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }

  private static String refusal(SparkConf conf) {
    return assertThrows(IllegalArgumentException.class, () -> TaskCores.check(conf)).getMessage();
  }
}
