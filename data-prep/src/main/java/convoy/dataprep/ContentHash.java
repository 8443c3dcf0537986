package convoy.dataprep;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash of what a row holds: its class name, sizes and pixels, and nothing else.
 *
 * <p>It orders the rows of a data set and chooses the validation share. Neither the source's form
 * nor the other rows change it, so a row keeps its side as data grows, and two equal images of one
 * class are never divided between training and validation.
 *
 * <p>SHA-256 over the length of the class name in UTF-8 bytes and the name, the height, width and
 * channels, and the pixels; integers of 32 bits, big-endian.
 */
public final class ContentHash {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  /** In the place of the class name of an image without a label; no class is called so. */
  public static final String NO_CLASS = "";

  private ContentHash() {}

  /** The hash of one image: {@value #BYTES} bytes. */
  public static byte[] of(String className, ImageSize size, byte[] pixels) {
    return digest(className, size, pixels, sha256());
  }

  /**
   * Whether the row with this hash is of the validation share.
   *
   * <p>The first 53 bits of the hash, as a number uniform in [0, 1), are held against the fraction:
   * a larger fraction keeps all rows of a smaller one.
   *
   * @param fraction share of the training split, from 0 (none) to 1 (all)
   */
  public static boolean isValidation(byte[] hash, double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException(
          "validation fraction is " + fraction + ", expected 0 to 1");
    }
    return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53 < fraction;
  }

  /** Feeds name, size and pixels to a digest that may have been fed before, and ends it. */
  static byte[] digest(String className, ImageSize size, byte[] pixels, MessageDigest digest) {
    if (pixels.length != size.bytes()) {
      throw new IllegalArgumentException(
          "image has " + pixels.length + " bytes, expected " + size.bytes() + " for " + size);
    }
    byte[] name = className.getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(4 * Integer.BYTES + name.length);
    header.putInt(name.length).put(name);
    header.putInt(size.height()).putInt(size.width()).putInt(size.channels());
    digest.update(header.array());
    return digest.digest(pixels);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
    }
  }
}
