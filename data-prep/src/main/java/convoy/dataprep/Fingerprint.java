package convoy.dataprep;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Says which rows a data set holds, in whatever order: the sum mod 2^256 of each row's SHA-256.
 *
 * <p>A row's SHA-256 covers its split's name and, after it, all that {@link ContentHash} covers.
 * Sums do not depend on order, so the fingerprints of parts add up to that of the whole.
 *
 * @param sum the sum, from 0 to 2^256 - 1
 */
public record Fingerprint(BigInteger sum) implements Serializable {
  /** The fingerprint of no rows. */
  public static final Fingerprint ZERO = new Fingerprint(BigInteger.ZERO);

  private static final int BITS = 256;
  private static final int HEX_DIGITS = BITS / 4;

  public Fingerprint {
    if (sum.signum() < 0 || sum.bitLength() > BITS) {
      throw new IllegalArgumentException("fingerprint is no number from 0 to 2^256 - 1");
    }
  }

  /** The fingerprint of one row. */
  public static Fingerprint ofRow(Split split, String className, ImageSize size, byte[] pixels) {
    MessageDigest digest = ContentHash.sha256();
    byte[] name = split.folderName().getBytes(StandardCharsets.UTF_8);
    digest.update((byte) name.length);
    digest.update(name);
    return new Fingerprint(new BigInteger(1, ContentHash.digest(className, size, pixels, digest)));
  }

  /** Parses the 64 hexadecimal digits that {@link #toString} gives. */
  @JsonCreator
  public static Fingerprint parse(String hex) {
    if (!hex.matches("[0-9a-f]{" + HEX_DIGITS + "}")) {
      throw new IllegalArgumentException(
          "fingerprint is '" + hex + "', expected " + HEX_DIGITS + " digits of 0-9 and a-f");
    }
    return new Fingerprint(new BigInteger(hex, 16));
  }

  /** The fingerprint of the rows of both. */
  public Fingerprint plus(Fingerprint other) {
    BigInteger total = sum.add(other.sum);
    return new Fingerprint(total.bitLength() > BITS ? total.clearBit(BITS) : total);
  }

  /** 64 hexadecimal digits. */
  @JsonValue
  @Override
  public String toString() {
    return String.format("%0" + HEX_DIGITS + "x", sum);
  }
}
