package convoy.engine.kernel;

/** Normalisation by channel as plain loops, its sums in double. */
final class ScalarNormalization {
  /** Pixels in a part of an element-wise pass. */
  private static final int PIXELS = 64;

  private ScalarNormalization() {}

  static Pass moments(NormalizationShape shape, Operand x, Operand moments, Workers workers) {
    float[] values = x.array(), results = moments.array();
    int C = shape.c(), stride = shape.xPixelStride();
    return workers.pass(
        C,
        (c, worker) -> {
          double sum = 0;
          for (int pixel = 0; pixel < shape.pixels(); pixel++) {
            sum += values[x.offset() + pixel * stride + c];
          }
          double mean = sum / shape.pixels();
          double squares = 0;
          for (int pixel = 0; pixel < shape.pixels(); pixel++) {
            double centred = values[x.offset() + pixel * stride + c] - mean;
            squares += centred * centred;
          }
          results[moments.offset() + c] = (float) mean;
          results[moments.offset() + C + c] = (float) (squares / shape.pixels());
        });
  }

  static Pass forward(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand add,
      Operand y,
      Workers workers) {
    return forEachPixel(
        shape,
        workers,
        pixel -> {
          int input = x.offset() + pixel * shape.xPixelStride();
          int output = pixel * shape.yPixelStride();
          for (int c = 0; c < shape.c(); c++) {
            float value = value(normalization, x.array()[input + c], c);
            if (add.isPresent()) {
              value += add.array()[add.offset() + output + c];
            }
            y.array()[y.offset() + output + c] = normalization.relu() && value < 0 ? 0 : value;
          }
        });
  }

  static Pass sums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Operand dy,
      Operand sums,
      Workers workers) {
    int C = shape.c();
    return workers.pass(
        C,
        (c, worker) -> {
          float mean = at(normalization.mean(), c);
          double sum = 0;
          double products = 0;
          for (int pixel = 0; pixel < shape.pixels(); pixel++) {
            float input = x.array()[x.offset() + pixel * shape.xPixelStride() + c];
            int output = pixel * shape.yPixelStride() + c;
            if (y.isPresent() && !(y.array()[y.offset() + output] > 0)) {
              dy.array()[dy.offset() + output] = 0;
            }
            float gradient = dy.array()[dy.offset() + output];
            if (passes(normalization, input, c)) {
              sum += gradient;
              products += (double) gradient * (input - mean);
            }
          }
          sums.array()[sums.offset() + c] = (float) sum;
          sums.array()[sums.offset() + C + c] = (float) products;
        });
  }

  static Pass gradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    boolean readsInput = slopes.isPresent() || normalization.relu();
    return forEachPixel(
        shape,
        workers,
        pixel -> {
          int input = pixel * shape.xPixelStride();
          int output = dy.offset() + pixel * shape.yPixelStride();
          for (int c = 0; c < shape.c(); c++) {
            float value = readsInput ? x.array()[x.offset() + input + c] : 0;
            float slope = passes(normalization, value, c) ? dy.array()[output + c] : 0;
            if (slopes.isPresent()) {
              float centred = value - at(normalization.mean(), c);
              slope = slope - at(slopes, c) - at(slopes, shape.c() + c) * centred;
            }
            int to = dx.offset() + input + c;
            float gradient = at(normalization.scale(), c) * slope;
            dx.array()[to] = accumulate ? dx.array()[to] + gradient : gradient;
          }
        });
  }

  private static float value(Normalization normalization, float x, int c) {
    float centred = x - at(normalization.mean(), c);
    return centred * at(normalization.scale(), c) + at(normalization.shift(), c);
  }

  /** Whether the gradient of the output of channel c reaches an input of value {@code x}. */
  private static boolean passes(Normalization normalization, float x, int c) {
    return !normalization.relu() || value(normalization, x, c) > 0;
  }

  private static float at(Operand operand, int c) {
    return operand.array()[operand.offset() + c];
  }

  /** What is done to one pixel. */
  @FunctionalInterface
  private interface Pixel {
    void visit(int pixel);
  }

  private static Pass forEachPixel(NormalizationShape shape, Workers workers, Pixel work) {
    return workers.pass(
        (shape.pixels() - 1) / PIXELS + 1,
        (part, worker) -> {
          int first = part * PIXELS, count = Math.min(PIXELS, shape.pixels() - first);
          for (int i = 0; i < count; i++) {
            work.visit(first + i);
          }
        });
  }
}
