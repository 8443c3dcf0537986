package convoy.engine.kernel;

/** The activations of the reference kernels, as plain loops. */
final class ScalarActivations {
  /** Floats in a part of a pass. */
  private static final int ELEMENTS = 1 << 14;

  private ScalarActivations() {}

  static void forward(
      ActivationFunction function,
      int size,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    workers.run(
        parts(size, ELEMENTS),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < end(part, size, ELEMENTS); i++) {
            y[yOffset + i] = function.value(x[xOffset + i]);
          }
        });
  }

  static void backward(
      ActivationFunction function,
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    workers.run(
        parts(size, ELEMENTS),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < end(part, size, ELEMENTS); i++) {
            float gradient = dy[dyOffset + i] * function.slope(y[yOffset + i]);
            dx[dxOffset + i] = accumulate ? dx[dxOffset + i] + gradient : gradient;
          }
        });
  }

  static void softmaxForward(
      int pixels, int c, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c);
    workers.run(
        parts(pixels, inPart),
        (part, worker) -> {
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            softmax(c, x, xOffset + pixel * c, y, yOffset + pixel * c);
          }
        });
  }

  private static void softmax(int c, float[] x, int from, float[] y, int to) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < c; i++) {
      largest = Math.max(largest, x[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < c; i++) {
      float e = Exponential.exp(x[from + i] - largest);
      y[to + i] = e;
      sum += e;
    }
    float part = (float) (1 / sum);
    for (int i = 0; i < c; i++) {
      y[to + i] *= part;
    }
  }

  static void softmaxBackward(
      int pixels,
      int c,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c);
    workers.run(
        parts(pixels, inPart),
        (part, worker) -> {
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            int own = yOffset + pixel * c, from = dyOffset + pixel * c, to = dxOffset + pixel * c;
            double mean = 0;
            for (int i = 0; i < c; i++) {
              mean += (double) dy[from + i] * y[own + i];
            }
            for (int i = 0; i < c; i++) {
              float gradient = (float) (y[own + i] * (dy[from + i] - mean));
              dx[to + i] = accumulate ? dx[to + i] + gradient : gradient;
            }
          }
        });
  }

  private static int parts(int size, int inPart) {
    return (int) (((long) size + inPart - 1) / inPart);
  }

  private static int end(int part, int size, int inPart) {
    return (int) Math.min(size, (part + 1L) * inPart);
  }
}
