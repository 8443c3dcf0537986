package convoy.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says about itself, checked against its length.
 *
 * <p>The format: 8 bytes, the header's length N as a little-endian number; N bytes of JSON, which
 * map each tensor's name to {@code dtype}, {@code shape} and {@code data_offsets} (first byte and
 * the byte behind the last, counted from the end of the header), and {@code __metadata__} to a
 * mapping of texts, padded with spaces; then the tensors, without gaps.
 *
 * @param metadata the file's own texts
 * @param tensors in the order of their data
 */
public record SafetensorsHeader(Map<String, String> metadata, List<Stored> tensors) {
  /** The format's own limit. */
  static final long LARGEST_HEADER_BYTES = 100_000_000;

  /** The name that is no tensor's. */
  static final String METADATA = "__metadata__";

  /** The one type of values that is read and written: little-endian floats of 32 bits. */
  static final String FLOAT = "F32";

  /**
   * A tensor in the file.
   *
   * @param shape its name and sizes
   * @param begin its first byte, counted from the end of the header
   * @param end the byte behind its last
   */
  public record Stored(NamedShape shape, long begin, long end) {}

  public SafetensorsHeader {
    metadata = Map.copyOf(metadata);
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads and checks a header; the stream then stands at the first tensor.
   *
   * @param file the file's path, for messages
   * @param in at its beginning
   * @param sizeBytes the file's length
   * @throws DamagedCheckpointException if header and length contradict each other or the format
   */
  public static SafetensorsHeader read(String file, InputStream in, long sizeBytes)
      throws IOException {
    byte[] prefix = in.readNBytes(Long.BYTES);
    if (prefix.length < Long.BYTES || sizeBytes < Long.BYTES) {
      throw new DamagedCheckpointException(
          file, "truncated: " + Math.min(prefix.length, sizeBytes) + " bytes, wanted 8 or more");
    }
    long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LARGEST_HEADER_BYTES) {
      throw new DamagedCheckpointException(
          file,
          "the header's length is "
              + Long.toUnsignedString(length)
              + " bytes, wanted 2 to "
              + LARGEST_HEADER_BYTES
              + "; is it a safetensors file?");
    }
    if (length > sizeBytes - Long.BYTES) {
      throw truncated(file, sizeBytes, Long.BYTES + length);
    }
    byte[] json = in.readNBytes((int) length);
    if (json.length < length) {
      throw truncated(file, Long.BYTES + json.length, Long.BYTES + length);
    }
    SafetensorsHeader header = new SafetensorsJson(file).parse(json);
    header.checkData(file, sizeBytes, Long.BYTES + length);
    return header;
  }

  /**
   * Refuses a file that has other tensors than the wanted ones.
   *
   * @throws DamagedCheckpointException naming the tensor that is missing, unknown or of another
   *     shape
   */
  public void requireExactly(String file, List<NamedShape> wanted) throws IOException {
    Map<String, NamedShape> present = new HashMap<>();
    for (Stored tensor : tensors) {
      present.put(tensor.shape().name(), tensor.shape());
    }
    for (NamedShape shape : wanted) {
      NamedShape found = present.remove(shape.name());
      if (found == null) {
        throw new DamagedCheckpointException(file, "tensor " + shape.name() + " is missing");
      }
      if (!found.dimensions().equals(shape.dimensions())) {
        throw new DamagedCheckpointException(
            file,
            "tensor "
                + shape.name()
                + " has dimensions "
                + found.dimensions()
                + ", wanted "
                + shape.dimensions());
      }
    }
    if (!present.isEmpty()) {
      String name = present.keySet().iterator().next();
      throw new DamagedCheckpointException(
          file, "tensor " + SafetensorsJson.shown(name) + " is unknown to the network");
    }
  }

  /** Checks that the tensors follow on each other and fill the file. */
  private void checkData(String file, long sizeBytes, long dataStart) throws IOException {
    long end = 0;
    for (Stored tensor : tensors) {
      if (tensor.begin() != end) {
        throw new DamagedCheckpointException(
            file,
            "tensor "
                + SafetensorsJson.shown(tensor.shape().name())
                + " begins at byte "
                + tensor.begin()
                + (tensor.begin() < end ? ", inside another one" : ", behind a gap")
                + "; wanted "
                + end);
      }
      end = tensor.end();
    }
    long wanted = dataStart + end;
    if (sizeBytes < wanted) {
      throw truncated(file, sizeBytes, wanted);
    }
    if (sizeBytes > wanted) {
      throw new DamagedCheckpointException(
          file, "too long: " + sizeBytes + " bytes, wanted " + wanted);
    }
  }

  /** The tensors by place; of two at one place the empty one comes first. */
  static List<Stored> inOrder(List<Stored> tensors) {
    List<Stored> sorted = new ArrayList<>(tensors);
    sorted.sort(Comparator.comparingLong(Stored::begin).thenComparingLong(Stored::end));
    return sorted;
  }

  static DamagedCheckpointException truncated(String file, long sizeBytes, long wanted) {
    return new DamagedCheckpointException(
        file, "truncated: " + sizeBytes + " bytes, wanted " + wanted);
  }
}
