package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  private static final ImageSize SIZE = new ImageSize(1, 2, 3);
  private static final byte[] PIXELS = {1, 2, 3, 4, 5, 6};

  @Test
  void sumsWrapAt256Bits() {
    Fingerprint most = Fingerprint.parse("f".repeat(64));
    Fingerprint two = Fingerprint.parse("0".repeat(63) + "2");
    assertEquals("0".repeat(63) + "1", most.plus(two).toString());
    assertEquals(most, most.plus(Fingerprint.ZERO));
  }

  @Test
  void orderDoesNotMatter() {
    Fingerprint a = Fingerprint.ofRow(Split.TRAIN, "ant", SIZE, PIXELS);
    Fingerprint b = Fingerprint.ofRow(Split.TRAIN, "bee", SIZE, PIXELS);
    Fingerprint c = Fingerprint.ofRow(Split.TEST, "ant", SIZE, PIXELS);
    assertEquals(a.plus(b).plus(c), c.plus(a).plus(b));
    assertNotEquals(a, c);
    assertNotEquals(a, b);
  }

  @Test
  void textIsParsedBack() {
    Fingerprint row = Fingerprint.ofRow(Split.TEST, "ant", SIZE, PIXELS);
    assertEquals(64, row.toString().length());
    assertEquals(row, Fingerprint.parse(row.toString()));
  }

  @Test
  void wrongTextIsRefused() {
    for (String text : List.of("", "12", "g".repeat(64), "F".repeat(64))) {
      assertThrows(IllegalArgumentException.class, () -> Fingerprint.parse(text));
    }
  }
}
