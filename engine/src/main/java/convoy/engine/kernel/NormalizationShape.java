package convoy.engine.kernel;

/**
 * The sizes of a normalisation by channel: what one image is does not matter to it, only how many
 * pixels a batch has.
 *
 * @param pixels of the whole batch
 * @param c channels
 * @param xPixelStride floats from one pixel of x and dx to the next, at least c
 * @param yPixelStride floats from one pixel of y and dy to the next, at least c
 */
public record NormalizationShape(int pixels, int c, int xPixelStride, int yPixelStride) {

  public NormalizationShape {
    if (pixels < 1 || c < 1 || xPixelStride < c || yPixelStride < c) {
      throw new IllegalArgumentException(
          "normalisation of "
              + pixels
              + " pixels of "
              + c
              + " channels, "
              + xPixelStride
              + " and "
              + yPixelStride
              + " floats apart: wanted one of each, and room for the channels");
    }
  }
}
