package convoy.engine.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WinogradFloorTest {
  /** 5x9 pixels, in 2x3 tiles, from 16 to 32 channels. */
  private static final ConvolutionShape SHAPE =
      new ConvolutionShape(5, 9, 16, 32, new Window(3, 3, 1, 1, 1, 1, 1, 1), 16, 32);

  private static final WinogradFloor TWO_IMAGES = new WinogradFloor(SHAPE, 2);

  /** Two operations a nanosecond and no memory to wait for: milliseconds are 1e-6 products. */
  private static final Peaks PRODUCTS = new Peaks(2, Double.POSITIVE_INFINITY);

  /** A float a nanosecond and products that take no time: milliseconds are 1e-6 floats. */
  private static final Peaks FLOATS = new Peaks(Double.POSITIVE_INFINITY, 4);

  // By hand, for 2 images, so 12 tiles, and 2 * 45 pixels:
  private static final double ONE_PRODUCT = 221_184; // 36 * 12 * 16 * 32
  private static final double INPUT = 1_440 + 6_912; // 90 * 16 and 36 * 12 * 16
  private static final double OUTPUT = 2_880 + 13_824; // 90 * 32 and 36 * 12 * 32
  private static final double WEIGHTS = 4_608 + 18_432; // 9 * 16 * 32 and 36 * 16 * 32

  @Test
  void forwardIsOneProductAndThreeTransforms() {
    assertEquals(ONE_PRODUCT, 1e6 * TWO_IMAGES.forwardMillis(PRODUCTS), 1e-3);
    assertEquals(INPUT + WEIGHTS + OUTPUT, 1e6 * TWO_IMAGES.forwardMillis(FLOATS), 1e-3);
  }

  @Test
  void backwardTransformsTheOutputsGradientOnceForBothGradients() {
    assertEquals(2 * ONE_PRODUCT, 1e6 * TWO_IMAGES.backwardMillis(PRODUCTS, true, true), 1e-3);
    double weights = OUTPUT + INPUT + WEIGHTS, input = WEIGHTS + INPUT;
    assertEquals(weights + input, 1e6 * TWO_IMAGES.backwardMillis(FLOATS, true, true), 1e-3);
  }

  @Test
  void backwardCountsTheGradientsThatAreWantedAlone() {
    assertEquals(ONE_PRODUCT, 1e6 * TWO_IMAGES.backwardMillis(PRODUCTS, true, false), 1e-3);
    double one = OUTPUT + INPUT + WEIGHTS;
    assertEquals(one, 1e6 * TWO_IMAGES.backwardMillis(FLOATS, true, false), 1e-3);
    assertEquals(one, 1e6 * TWO_IMAGES.backwardMillis(FLOATS, false, true), 1e-3);
    assertEquals(0, TWO_IMAGES.backwardMillis(FLOATS, false, false));
  }

  @Test
  void productsAndBytesTakeTheirTimesOneAfterTheOther() {
    Peaks both = new Peaks(2, 4);
    assertEquals(
        TWO_IMAGES.forwardMillis(PRODUCTS) + TWO_IMAGES.forwardMillis(FLOATS),
        TWO_IMAGES.forwardMillis(both),
        1e-9);
  }

  @Test
  void onlyWinogradsConvolutionsHaveAFloor() {
    assertEquals(Optional.of(TWO_IMAGES), WinogradFloor.of(SHAPE, 2));
    assertEquals(Optional.empty(), WinogradFloor.of(ConvolutionShape.dense(64, 10), 2));
  }

  @Test
  void measuredPeaksAreThoseOfAllCores() {
    Peaks one = Peaks.measured(1), four = Peaks.measured(4);
    assertTrue(one.gigaflops() > 0.1 && one.gigaflops() < 10_000, one.toString());
    assertTrue(one.gigabytes() > 0.1 && one.gigabytes() < 10_000, one.toString());
    assertTrue(four.gigaflops() > 1.5 * one.gigaflops(), one + ", " + four);
  }
}
