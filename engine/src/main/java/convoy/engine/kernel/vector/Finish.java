package convoy.engine.kernel.vector;

import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import jdk.incubator.vector.FloatVector;

/** Carries out an {@link Epilogue} as sums leave scratch memory. */
final class Finish {
  private static final int WIDTH = MicroKernel.WIDTH;

  private Finish() {}

  /**
   * Finishes {@code width} sums and stores them as channels [firstColumn, firstColumn + width) of
   * the pixel that begins {@code pixel} floats into y.
   */
  static void store(
      float[] sums,
      int from,
      int width,
      Epilogue epilogue,
      int pixel,
      int firstColumn,
      float[] y,
      int yOffset) {
    int to = yOffset + pixel + firstColumn;
    if (epilogue.isNone()) {
      System.arraycopy(sums, from, y, to, width);
      return;
    }
    Operand bias = epilogue.bias(), add = epilogue.add();
    int biasFrom = bias.offset() + firstColumn, addFrom = add.offset() + pixel + firstColumn;
    int i = 0;
    for (; i <= width - WIDTH; i += WIDTH) {
      FloatVector sum = FloatVector.fromArray(MicroKernel.LANES, sums, from + i);
      if (bias.isPresent()) {
        sum = sum.add(FloatVector.fromArray(MicroKernel.LANES, bias.array(), biasFrom + i));
      }
      if (add.isPresent()) {
        sum = sum.add(FloatVector.fromArray(MicroKernel.LANES, add.array(), addFrom + i));
      }
      if (epilogue.relu()) {
        sum = Elements.relu(sum);
      }
      sum.intoArray(y, to + i);
    }
    for (; i < width; i++) {
      float sum = sums[from + i];
      if (bias.isPresent()) {
        sum += bias.array()[biasFrom + i];
      }
      if (add.isPresent()) {
        sum += add.array()[addFrom + i];
      }
      y[to + i] = epilogue.relu() && sum < 0 ? 0 : sum;
    }
  }
}
