package convoy.evaluation;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/**
 * Writes counts, most of which are 0: of a task's images a histogram has few bins, and a confusion
 * matrix of many classes few cells, while each task of an evaluation sends all of them. The length,
 * then in turn how many zeros follow and, unless the end is reached, the number after them; all of
 * variable length.
 */
final class CountsSerializer extends Serializer<long[]> {

  @Override
  public void write(Kryo kryo, Output output, long[] counts) {
    output.writeInt(counts.length, true);
    int zeros = 0;
    for (long count : counts) {
      if (count == 0) {
        zeros++;
      } else {
        output.writeInt(zeros, true);
        output.writeLong(count, true);
        zeros = 0;
      }
    }
    if (zeros > 0) {
      output.writeInt(zeros, true);
    }
  }

  @Override
  public long[] read(Kryo kryo, Input input, Class<long[]> type) {
    long[] counts = new long[input.readInt(true)];
    for (int i = 0; i < counts.length; i++) {
      i += input.readInt(true);
      if (i < counts.length) {
        counts[i] = input.readLong(true);
      }
    }
    return counts;
  }
}
