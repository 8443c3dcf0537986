package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SparkCompatibilityTest {
  @Test
  void whatTheBuildBringsGoesTogether() {
    SparkCompatibility.check();
  }

  @Test
  void anotherMinorVersionOfSparkIsRefused() {
    SparkCompatibility.check("4.1.3", "3.4.2", 17);
    assertRefused("built for Spark 4.1; this is 4.0.1", "4.0.1", "3.4.2", 17);
    assertRefused("this is 4.10.0", "4.10.0", "3.5.0", 17);
    assertRefused("this is 3.5.6", "3.5.6", "3.5.0", 17);
  }

  @Test
  void anOldHadoopIsRefusedOnANewJavaOnly() {
    SparkCompatibility.check("4.1.0", "3.4.2", 21);
    SparkCompatibility.check("4.1.0", "3.4.3", 25);
    SparkCompatibility.check("4.1.0", "3.5.0-vendor", 25);
    assertRefused("Hadoop client 3.4.2 can't run on Java 25", "4.1.0", "3.4.2", 25);
    assertRefused("Hadoop client 3.3.6 can't run on Java 24", "4.1.0", "3.3.6", 24);
  }

  private static void assertRefused(String words, String spark, String hadoop, int java) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> SparkCompatibility.check(spark, hadoop, java));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
