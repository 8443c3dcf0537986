package convoy.cluster;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/**
 * Writes arrays of counts, most of which are 0: of a task's images a histogram has few bins, and a
 * confusion matrix of many classes few cells, while each task of an evaluation sends all of them.
 * The length, then in turn how many zeros follow and, unless the end is reached, the number after
 * them. Each takes a byte for every seven bits, which Kryo's own integers of variable length do not
 * in the streams that Spark gives it.
 */
public final class LongsSerializer extends Serializer<long[]> {

  @Override
  public void write(Kryo kryo, Output output, long[] values) {
    write(output, values.length);
    int zeros = 0;
    for (long value : values) {
      if (value == 0) {
        zeros++;
      } else {
        write(output, zeros);
        write(output, value);
        zeros = 0;
      }
    }
    if (zeros > 0) {
      write(output, zeros);
    }
  }

  @Override
  public long[] read(Kryo kryo, Input input, Class<long[]> type) {
    long[] values = new long[(int) read(input)];
    for (int i = 0; i < values.length; i++) {
      i += (int) read(input);
      if (i < values.length) {
        values[i] = read(input);
      }
    }
    return values;
  }

  private static void write(Output output, long value) {
    long rest = value;
    while ((rest & ~0x7F) != 0) {
      output.writeByte((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    output.writeByte((int) rest);
  }

  private static long read(Input input) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int next = input.readByte();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
