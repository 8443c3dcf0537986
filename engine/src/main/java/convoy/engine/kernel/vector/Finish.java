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
    int place = pixel + firstColumn, to = yOffset + place;
    if (epilogue.isNone()) {
      System.arraycopy(sums, from, y, to, width);
      return;
    }
    Operand bias = epilogue.bias(), add = epilogue.add();
    Operand activation = epilogue.activation(), shortcut = epilogue.shortcut();
    int biasFrom = bias.offset() + firstColumn, addFrom = add.offset() + place;
    int activationTo = activation.offset() + place, shortcutFrom = shortcut.offset() + place;
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
      if (activation.isPresent()) {
        sum.intoArray(activation.array(), activationTo + i);
      }
      if (shortcut.isPresent()) {
        sum = sum.add(FloatVector.fromArray(MicroKernel.LANES, shortcut.array(), shortcutFrom + i));
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
      sum = epilogue.relu() && sum < 0 ? 0 : sum;
      if (activation.isPresent()) {
        activation.array()[activationTo + i] = sum;
      }
      if (shortcut.isPresent()) {
        sum += shortcut.array()[shortcutFrom + i];
      }
      y[to + i] = sum;
    }
  }

  /**
   * Finishes sums that lie in y: {@code width} channels, a multiple of the lanes, of {@code rows}
   * pixels that are {@code stride} apart.
   */
  static void inPlace(
      int width,
      int rows,
      int stride,
      Epilogue epilogue,
      int pixel,
      int firstColumn,
      float[] y,
      int yOffset) {
    Operand bias = epilogue.bias();
    if (epilogue.isNone()) {
      return;
    }
    if (!bias.isPresent() || !epilogue.hasOneOperand()) {
      for (int row = 0; row < rows; row++) {
        int at = pixel + row * stride;
        store(y, yOffset + at + firstColumn, width, epilogue, at, firstColumn, y, yOffset);
      }
      return;
    }
    for (int i = firstColumn; i < firstColumn + width; i += WIDTH) {
      int at = yOffset + pixel + i;
      addBias(bias.array(), bias.offset() + i, epilogue.relu(), rows, stride, y, at);
    }
  }

  /** Finishes one vector of channels. */
  private static void addBias(
      float[] bias, int biasOffset, boolean relu, int rows, int stride, float[] y, int yOffset) {
    FloatVector added = FloatVector.fromArray(MicroKernel.LANES, bias, biasOffset);
    if (relu) {
      for (int row = 0; row < rows; row++) {
        int at = yOffset + row * stride;
        FloatVector sum = FloatVector.fromArray(MicroKernel.LANES, y, at).add(added);
        Elements.relu(sum).intoArray(y, at);
      }
    } else {
      for (int row = 0; row < rows; row++) {
        int at = yOffset + row * stride;
        FloatVector.fromArray(MicroKernel.LANES, y, at).add(added).intoArray(y, at);
      }
    }
  }
}
