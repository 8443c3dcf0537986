package convoy.engine.kernel;

/** The activations of the reference kernels, as plain loops. */
final class ScalarActivations {
  /** Floats in a part of a pass. */
  private static final int ELEMENTS = 1 << 14;

  private ScalarActivations() {}

  static Pass forward(
      ActivationFunction function, int size, Operand x, Operand y, Workers workers) {
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        parts(size, ELEMENTS),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < end(part, size, ELEMENTS); i++) {
            out[to + i] = function.value(in[from + i]);
          }
        });
  }

  static Pass backward(
      ActivationFunction function,
      int size,
      Operand y,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    float[] outputs = y.array(), slopes = dy.array(), gradients = dx.array();
    int own = y.offset(), from = dy.offset(), to = dx.offset();
    return workers.pass(
        parts(size, ELEMENTS),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < end(part, size, ELEMENTS); i++) {
            float gradient = slopes[from + i] * function.slope(outputs[own + i]);
            gradients[to + i] = accumulate ? gradients[to + i] + gradient : gradient;
          }
        });
  }

  static Pass softmaxForward(int pixels, int c, Operand x, Operand y, Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c), from = x.offset(), to = y.offset();
    float[] in = x.array(), out = y.array();
    return workers.pass(
        parts(pixels, inPart),
        (part, worker) -> {
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            softmax(c, in, from + pixel * c, out, to + pixel * c);
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

  static Pass softmaxBackward(
      int pixels, int c, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c), own = y.offset(), from = dy.offset(), to = dx.offset();
    float[] outputs = y.array(), slopes = dy.array(), gradients = dx.array();
    return workers.pass(
        parts(pixels, inPart),
        (part, worker) -> {
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            int at = pixel * c;
            double mean = 0;
            for (int i = at; i < at + c; i++) {
              mean += (double) slopes[from + i] * outputs[own + i];
            }
            for (int i = at; i < at + c; i++) {
              float gradient = (float) (outputs[own + i] * (slopes[from + i] - mean));
              gradients[to + i] = accumulate ? gradients[to + i] + gradient : gradient;
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
