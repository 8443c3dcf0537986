package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ExponentialTest {
  /** Every so manieth float is looked at, of both signs; an odd number, so that no bit is fixed. */
  private static final int STEP = 997;

  @Test
  void isWithinOneUnitInTheLastPlaceOfTheTrueValue() {
    double worst = 0;
    int infinity = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    for (int bits = 0; bits >= 0 && bits < infinity; bits += STEP) {
      float x = Float.intBitsToFloat(bits);
      worst = Math.max(worst, Math.max(error(x), error(-x)));
    }
    assertTrue(worst < 1, "error of " + worst + " units");
  }

  /** In units in the last place of the true value rounded to float; 0 where that is infinite. */
  private static double error(float x) {
    double wanted = StrictMath.exp(x);
    float rounded = (float) wanted;
    float got = Exponential.exp(x);
    if (Float.isInfinite(rounded)) {
      return got == rounded ? 0 : Double.POSITIVE_INFINITY;
    }
    return Math.abs(got - wanted) / Math.ulp(rounded);
  }

  @Test
  void bothEndsOfTheRangeAreReached() {
    assertEquals(0, Exponential.exp(Float.NEGATIVE_INFINITY));
    assertEquals(0, Exponential.exp(-103.98f));
    assertEquals(Float.MIN_VALUE, Exponential.exp(-103.97f));
    assertEquals(1, Exponential.exp(-0.0f));
    assertEquals((float) StrictMath.exp(88.72283f), Exponential.exp(88.72283f));
    assertEquals(Float.POSITIVE_INFINITY, Exponential.exp(88.72284f));
    assertEquals(Float.POSITIVE_INFINITY, Exponential.exp(Float.POSITIVE_INFINITY));
    assertEquals(Float.NaN, Exponential.exp(Float.NaN));
  }
}
