package convoy.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float arrays as a stream of little-endian bytes, in blocks. */
final class LittleEndianFloats {
  private static final int BLOCK_FLOATS = 16_384;

  private final ByteBuffer block =
      ByteBuffer.allocate(BLOCK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** Writes {@code values[offset, offset + count)}. */
  void write(OutputStream out, float[] values, int offset, int count) throws IOException {
    for (int done = 0; done < count; done += BLOCK_FLOATS) {
      int floats = Math.min(BLOCK_FLOATS, count - done);
      block.clear();
      block.asFloatBuffer().put(values, offset + done, floats);
      out.write(block.array(), 0, floats * Float.BYTES);
    }
  }

  /**
   * Reads into {@code values[offset, offset + count)}.
   *
   * @return false if the stream ended before
   */
  boolean read(InputStream in, float[] values, int offset, int count) throws IOException {
    for (int done = 0; done < count; done += BLOCK_FLOATS) {
      int floats = Math.min(BLOCK_FLOATS, count - done);
      int bytes = floats * Float.BYTES;
      if (in.readNBytes(block.array(), 0, bytes) < bytes) {
        return false;
      }
      block.clear();
      block.asFloatBuffer().get(values, offset + done, floats);
    }
    return true;
  }
}
