package convoy.engine.tensor;

import convoy.engine.kernel.Operand;

/**
 * A view of a batch of images in an array: pixel (n, h, w) starts at {@code offset + ((n * H + h) *
 * W + w) * pixelStride} and holds its C values in a row. Parameters are viewed as flat shapes.
 *
 * @param array the values, shared with other views
 * @param offset index of the first value
 * @param shape the sizes
 * @param pixelStride floats from one pixel to the next, at least shape.c()
 */
public record Tensor(float[] array, int offset, Shape shape, int pixelStride) {

  public Tensor {
    if (pixelStride < shape.c()) {
      throw new IllegalArgumentException(
          "pixel stride " + pixelStride + ", wanted at least " + shape.c());
    }
    long end = offset + (shape.pixels() - 1L) * pixelStride + shape.c();
    if (offset < 0 || end > array.length) {
      throw new IllegalArgumentException(
          "view [" + offset + ", " + end + ") of an array of " + array.length);
    }
  }

  /** A view whose pixels lie side by side. */
  public static Tensor dense(float[] array, int offset, Shape shape) {
    return new Tensor(array, offset, shape, shape.c());
  }

  /** Whether the pixels lie side by side, so that the values are one row of the array. */
  public boolean isDense() {
    return pixelStride == shape.c();
  }

  /** What kernels take: the array and the offset. */
  public Operand operand() {
    return new Operand(array, offset);
  }

  /** Number of values, checked to be an int. */
  public int size() {
    return Math.toIntExact(shape.size());
  }
}
