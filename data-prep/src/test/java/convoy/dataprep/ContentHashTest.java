package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContentHashTest {
  private static final ImageSize SIZE = new ImageSize(2, 3, 1);
  private static final byte[] PIXELS = {1, 2, 3, 4, 5, (byte) 255};

  @Test
  void hashIsTheSha256OfNameSizesAndPixels() throws IOException, NoSuchAlgorithmException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(4);
    data.write(new byte[] {'b', 'e', (byte) 0xC3, (byte) 0xA9});
    data.writeInt(2);
    data.writeInt(3);
    data.writeInt(1);
    data.write(PIXELS);
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
    assertArrayEquals(expected, ContentHash.of("be\u00e9", SIZE, PIXELS));
    assertEquals(ContentHash.BYTES, expected.length);
  }

  @Test
  void hashNeverChanges() {
    assertEquals(
        "4194ce7f9ec1899dfae5997afce4b994ebc2ec4309a84600a91182649ab1a08a",
        HexFormat.of().formatHex(ContentHash.of("bee", SIZE, PIXELS)));
  }

  @Test
  void nameSizeAndPixelsAllCount() {
    Set<String> hashes = new HashSet<>();
    byte[] others = PIXELS.clone();
    others[5]--;
    hashes.add(Arrays.toString(ContentHash.of("bee", SIZE, PIXELS)));
    hashes.add(Arrays.toString(ContentHash.of("be", SIZE, PIXELS)));
    hashes.add(Arrays.toString(ContentHash.of("bee", new ImageSize(3, 2, 1), PIXELS)));
    hashes.add(Arrays.toString(ContentHash.of("bee", new ImageSize(2, 1, 3), PIXELS)));
    hashes.add(Arrays.toString(ContentHash.of("bee", SIZE, others)));
    assertEquals(5, hashes.size());
  }

  @Test
  void wrongNumberOfPixelsIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> ContentHash.of("bee", SIZE, new byte[7]));
    assertEquals("image has 7 bytes, expected 6 for 2x3x1", e.getMessage());
  }

  @Test
  void validationShareIsAboutTheFractionAndGrowsWithIt() {
    int tenth = 0;
    int fifth = 0;
    for (int i = 0; i < 4000; i++) {
      byte[] hash = ContentHash.of("bee", SIZE, TestSource.pixels(i, 6));
      boolean inTenth = ContentHash.isValidation(hash, 0.1);
      boolean inFifth = ContentHash.isValidation(hash, 0.2);
      assertTrue(inFifth || !inTenth);
      assertFalse(ContentHash.isValidation(hash, 0));
      assertTrue(ContentHash.isValidation(hash, 1));
      tenth += inTenth ? 1 : 0;
      fifth += inFifth ? 1 : 0;
    }
    assertEquals(400, tenth, 60);
    assertEquals(800, fifth, 80);
  }

  @Test
  void fractionBeyondOneIsRefused() {
    byte[] hash = new byte[ContentHash.BYTES];
    for (double fraction : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> ContentHash.isValidation(hash, fraction));
    }
  }
}
