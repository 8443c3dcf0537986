package convoy.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Float tensors to and from files in the safetensors format, which is open, safe to read and known
 * to every framework; {@link SafetensorsHeader} describes it.
 */
public final class Safetensors {
  /** Header and data begin at a multiple of it. */
  private static final int ALIGNMENT = 8;

  private Safetensors() {}

  /**
   * Writes tensors, in the order given and without gaps.
   *
   * @param out is not closed
   * @param metadata texts about the file
   * @param tensors of different names
   */
  public static void write(
      OutputStream out, Map<String, String> metadata, List<NamedTensor> tensors)
      throws IOException {
    List<SafetensorsHeader.Stored> stored = new ArrayList<>();
    long offset = 0;
    for (NamedTensor tensor : tensors) {
      long end = offset + (long) tensor.elements() * Float.BYTES;
      stored.add(new SafetensorsHeader.Stored(tensor.shape(), offset, end));
      offset = end;
    }
    byte[] json = SafetensorsJson.format(metadata, stored);
    byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(padded.length).array());
    out.write(padded);
    LittleEndianFloats floats = new LittleEndianFloats();
    for (NamedTensor tensor : tensors) {
      floats.write(out, tensor.values(), tensor.offset(), tensor.elements());
    }
  }

  /**
   * Reads the values of all tensors, in whatever order the file has them.
   *
   * @param file the file's path, for messages
   * @param in at the first tensor, as {@link SafetensorsHeader#read} leaves it
   * @param destinations where each tensor's values go, overwritten; exactly the file's tensors
   * @throws DamagedCheckpointException if the file has other tensors, or ends before its length
   */
  public static void readData(
      String file, InputStream in, SafetensorsHeader header, List<NamedTensor> destinations)
      throws IOException {
    header.requireExactly(file, destinations.stream().map(NamedTensor::shape).toList());
    Map<String, NamedTensor> byName = new HashMap<>();
    for (NamedTensor destination : destinations) {
      byName.put(destination.shape().name(), destination);
    }
    LittleEndianFloats floats = new LittleEndianFloats();
    for (SafetensorsHeader.Stored stored : header.tensors()) {
      NamedTensor to = byName.get(stored.shape().name());
      if (!floats.read(in, to.values(), to.offset(), to.elements())) {
        throw new DamagedCheckpointException(
            file, "truncated: it ends within tensor " + stored.shape().name());
      }
    }
  }
}
