package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.esotericsoftware.kryo.Kryo;
import convoy.averaging.ConvoyRegistrator;
import convoy.averaging.TestSpark;
import convoy.evaluation.EvaluationRegistrator;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoRegistrator;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {
  private static final String OURS =
      ConvoyRegistrator.class.getName() + "," + EvaluationRegistrator.class.getName();

  /** A site's own. */
  public static final class SiteRegistrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      kryo.register(Thread.State.class);
    }
  }

  @AfterAll
  static void endSession() {
    TestSpark.stop();
  }

  @Test
  void kryoHoldsAgainstTheSitesSettings() {
    String site = SiteRegistrator.class.getName();
    SparkConf conf =
        started(
            Map.of(
                "spark.serializer",
                JavaSerializer.class.getName(),
                "spark.kryo.registrationRequired",
                "false",
                "spark.kryo.registrator",
                site));
    assertInstanceOf(KryoSerializer.class, SparkEnv.get().serializer());
    assertEquals("true", conf.get("spark.kryo.registrationRequired"));
    assertEquals(site + "," + OURS, conf.get("spark.kryo.registrator"));
  }

  @Test
  void registratorsAreNamedOnce() {
    assertEquals(
        OURS, started(Map.of("spark.kryo.registrator", OURS)).get("spark.kryo.registrator"));
  }

  private static SparkConf started(Map<String, String> settings) {
    return TestSpark.local(1, settings).sparkContext().getConf();
  }
}
