package convoy.engine.checkpoint;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The digest by which two sets of weights are compared bit by bit.
 *
 * <p>It is the SHA-256 over all parameters in the order of their layout; of each the name's length
 * in bytes, the name in UTF-8, the number of dimensions and the dimensions (32-bit, big-endian),
 * then the values as little-endian floats.
 */
public final class WeightsDigest {
  private WeightsDigest() {}

  /** The digest of all parameters, in 64 lowercase hexadecimal digits. */
  public static String of(Parameters parameters) {
    MessageDigest digest = Sha256.start();
    LittleEndianFloats floats = new LittleEndianFloats();
    try (OutputStream values = Sha256.into(digest);
        DataOutputStream sizes = new DataOutputStream(values)) {
      for (ParameterLayout.Entry entry : parameters.layout().entries()) {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        sizes.writeInt(name.length);
        sizes.write(name);
        sizes.writeInt(entry.spec().dimensions().size());
        for (int dimension : entry.spec().dimensions()) {
          sizes.writeInt(dimension);
        }
        floats.write(values, parameters.values(), entry.offset(), entry.size());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Sha256.hex(digest);
  }
}
