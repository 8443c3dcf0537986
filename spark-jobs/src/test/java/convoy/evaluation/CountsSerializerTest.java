package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CountsSerializerTest {
  private final CountsSerializer serializer = new CountsSerializer();
  private final Kryo kryo = new Kryo();

  @Test
  void countsAreReadAsTheyWereWritten() {
    for (long[] counts :
        List.of(
            new long[0],
            new long[1],
            new long[] {7},
            new long[] {0, 0, 3},
            new long[] {3, 0, 0},
            new long[] {1, 2, 3},
            new long[] {0, Long.MAX_VALUE, 0, -1, Long.MIN_VALUE, 0},
            new long[100_000])) {
      assertArrayEquals(counts, read(written(counts)));
    }
  }

  /** Two arrays after each other: the first takes no byte of the second. */
  @Test
  void oneEndsWhereTheNextBegins() {
    Output output = new Output(16, -1);
    long[] first = {0, 5, 0, 0}, second = {0, 0, 9};
    serializer.write(kryo, output, first);
    serializer.write(kryo, output, second);
    Input input = new Input(output.toBytes());
    assertArrayEquals(first, serializer.read(kryo, input, long[].class));
    assertArrayEquals(second, serializer.read(kryo, input, long[].class));
    assertTrue(input.eof());
  }

  @Test
  void zerosTakeNoPlace() {
    long[] counts = new long[1 << 20];
    counts[1000] = 5;
    assertTrue(written(counts).length < 16);
    Arrays.fill(counts, 1);
    assertTrue(written(counts).length <= 2 * counts.length + 8);
  }

  private byte[] written(long[] counts) {
    Output output = new Output(16, -1);
    serializer.write(kryo, output, counts);
    return output.toBytes();
  }

  private long[] read(byte[] bytes) {
    return serializer.read(kryo, new Input(bytes), long[].class);
  }
}
