package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;

/**
 * An operand in the middle of an array that is NaN before it, behind it and between its pixels:
 * whoever reads there gets NaN, and whoever writes there is found out.
 */
record Guarded(Tensor tensor) {
  private static final int BEFORE = 5;
  private static final int BEHIND = 37;

  /** An operand of {@code shape}, NaN too, with {@code gap} floats behind each pixel. */
  static Guarded empty(Shape shape, int gap) {
    int stride = shape.c() + gap;
    float[] array = new float[BEFORE + shape.pixels() * stride + BEHIND];
    Arrays.fill(array, Float.NaN);
    return new Guarded(new Tensor(array, BEFORE, shape, stride));
  }

  /** An operand that holds {@code values}. */
  static Guarded of(Shape shape, int gap, float[] values) {
    Guarded operand = empty(shape, gap);
    for (int i = 0; i < values.length; i++) {
      operand.tensor.array()[operand.index(i)] = values[i];
    }
    return operand;
  }

  private int index(int element) {
    int c = tensor.shape().c();
    return tensor.offset() + element / c * tensor.pixelStride() + element % c;
  }

  /** What the operand holds. */
  float[] values() {
    float[] values = new float[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.array()[index(i)];
    }
    return values;
  }

  /** Whether everything around the operand is as it was. */
  boolean surroundingsAreIntact() {
    float[] rest = tensor.array().clone();
    for (int i = 0; i < tensor.size(); i++) {
      rest[index(i)] = Float.NaN;
    }
    for (float value : rest) {
      if (!Float.isNaN(value)) {
        return false;
      }
    }
    return true;
  }
}
