package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.ConvoyRegistrator;
import convoy.evaluation.EvaluationRegistrator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** As Spark uses it, with what the jobs register. */
class LongsSerializerTest {
  private final SerializerInstance spark =
      new KryoSerializer(
              new SparkConf(false)
                  .set("spark.kryo.registrationRequired", "true")
                  .set(
                      "spark.kryo.registrator",
                      ConvoyRegistrator.class.getName()
                          + ","
                          + EvaluationRegistrator.class.getName()))
          .newInstance();

  @Test
  void longsAreReadAsTheyWereWritten() {
    for (long[] values :
        List.of(
            new long[0],
            new long[1],
            new long[] {7},
            new long[] {0, 0, 3},
            new long[] {3, 0, 0},
            new long[] {1, 2, 3, 127, 128, 16_383, 16_384, 1L << 35},
            new long[] {0, Long.MAX_VALUE, 0, -1, Long.MIN_VALUE, 0},
            new long[100_000])) {
      assertArrayEquals(values, read(written(values), long[].class));
    }
  }

  /** The first takes no byte of the second, and the same one twice stays one. */
  @Test
  void oneEndsWhereTheNextBegins() {
    long[] first = {0, 5, 0, 0}, second = {0, 0, 9};
    long[][] read = read(written(new long[][] {first, second, first}), long[][].class);
    assertArrayEquals(new long[][] {first, second, first}, read);
    assertTrue(read[0] == read[2]);
  }

  @Test
  void zerosTakeNoPlaceAndSmallNumbersTwoBytes() {
    long[] counts = new long[1 << 20];
    counts[1000] = 5;
    assertTrue(written(counts).remaining() < 32);
    Arrays.fill(counts, 100);
    assertTrue(written(counts).remaining() <= 2 * counts.length + 32);
  }

  private <T> ByteBuffer written(T value) {
    return spark.serialize(value, tag(value.getClass()));
  }

  private <T> T read(ByteBuffer bytes, Class<T> type) {
    return spark.deserialize(bytes, tag(type));
  }

  @SuppressWarnings("unchecked")
  private static <T> ClassTag<T> tag(Class<?> type) {
    return (ClassTag<T>) ClassTag$.MODULE$.apply(type);
  }
}
