package convoy.engine.kernel;

import convoy.engine.random.RandomKey;
import java.util.Arrays;

/**
 * The reference: every kernel as the plain loops of its definition.
 *
 * <p>Sums are accumulated in double and rounded once, so each result is the true one to within half
 * a unit in the last place or so. Where a sum runs over outputs side by side, the output channels
 * are innermost. Nothing here is tuned, and taps outside an image are left out, not multiplied by
 * zero.
 */
public class ScalarKernels implements Kernels {
  /** Floats in a part of an element-wise pass. */
  private static final int ELEMENTS = 1 << 14;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String description() {
    return "scalar kernels (plain loops, sums in double)";
  }

  @Override
  public ScratchSize scratch(ConvolutionShape shape) {
    return ScratchSize.NONE;
  }

  @Override
  public long executedMultiplications(ConvolutionShape shape) {
    return shape.multiplications();
  }

  @Override
  public int packedSize(ConvolutionShape shape) {
    return 0;
  }

  @Override
  public void packWeights(ConvolutionShape shape, Operand w, Operand packed, Workers workers) {
    throw new IllegalStateException("these kernels read weights as they are");
  }

  @Override
  public void convolutionForward(
      ConvolutionShape shape,
      int images,
      float[] x,
      int xOffset,
      Operand weights,
      Epilogue epilogue,
      float[] y,
      int yOffset,
      Workers workers) {
    ScalarConvolution.forward(
        shape,
        images,
        x,
        xOffset,
        weights.array(),
        weights.offset(),
        epilogue,
        y,
        yOffset,
        workers);
  }

  @Override
  public void convolutionBackward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    ScalarConvolution.backward(shape, images, operands, workers);
  }

  @Override
  public void maxPoolingForward(
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    int P = shape.p(), Q = shape.q();
    workers.run(
        images * P,
        (part, worker) -> {
          for (int q = 0; q < Q; q++) {
            int output = yOffset + (part * Q + q) * shape.yPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              int cell = largestCell(shape, part / P, part % P, q, c, x, xOffset);
              y[output + c] =
                  cell < 0 ? Float.NEGATIVE_INFINITY : x[xOffset + cell * shape.xPixelStride() + c];
            }
          }
        });
  }

  @Override
  public void maxPoolingBackward(
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    int P = shape.p(), Q = shape.q(), inputs = shape.h() * shape.w();
    workers.run(
        images,
        (n, worker) -> {
          for (int pixel = n * inputs; pixel < (n + 1) * inputs && !accumulate; pixel++) {
            int input = dxOffset + pixel * shape.xPixelStride();
            Arrays.fill(dx, input, input + shape.c(), 0);
          }
          for (int output = 0; output < P * Q; output++) {
            int gradient = dyOffset + (n * P * Q + output) * shape.yPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              int cell = largestCell(shape, n, output / Q, output % Q, c, x, xOffset);
              if (cell >= 0) {
                dx[dxOffset + cell * shape.xPixelStride() + c] += dy[gradient + c];
              }
            }
          }
        });
  }

  /**
   * The pixel, counted over the whole batch, whose x is the largest in channel c under the window
   * at (p, q) of image n: the first NaN, else the first of the largest, -1 if the window lies
   * wholly outside the image.
   */
  private static int largestCell(
      PoolingShape shape, int n, int p, int q, int c, float[] x, int xOffset) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w();
    int cell = -1;
    float largest = Float.NEGATIVE_INFINITY;
    for (int r = 0; r < window.r(); r++) {
      int h = p * window.strideH() + r - window.top();
      for (int s = 0; s < window.s(); s++) {
        int col = q * window.strideW() + s - window.left();
        if (h < 0 || h >= H || col < 0 || col >= W) {
          continue;
        }
        int pixel = (n * H + h) * W + col;
        float value = x[xOffset + pixel * shape.xPixelStride() + c];
        boolean firstNaN = Float.isNaN(value) && !Float.isNaN(largest);
        if (cell < 0 || value > largest || firstNaN) {
          cell = pixel;
          largest = value;
        }
      }
    }
    return cell;
  }

  @Override
  public void reluForward(
      int size, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float value = x[xOffset + i];
            y[yOffset + i] = value < 0 ? 0 : value;
          }
        });
  }

  @Override
  public void reluBackward(
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
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float gradient = y[yOffset + i] > 0 ? dy[dyOffset + i] : 0;
            dx[dxOffset + i] = accumulate ? dx[dxOffset + i] + gradient : gradient;
          }
        });
  }

  @Override
  public void activationForward(
      ActivationFunction function,
      int size,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    ScalarActivations.forward(function, size, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void activationBackward(
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
    ScalarActivations.backward(
        function, size, y, yOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
  }

  @Override
  public void softmaxForward(
      int pixels, int c, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    ScalarActivations.softmaxForward(pixels, c, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void softmaxBackward(
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
    ScalarActivations.softmaxBackward(
        pixels, c, y, yOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
  }

  @Override
  public void add(
      int size,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
          }
        });
  }

  @Override
  public void dropout(
      int size,
      RandomKey key,
      double rate,
      float[] x,
      int xOffset,
      boolean accumulate,
      float[] y,
      int yOffset,
      Workers workers) {
    float scale = (float) (1 / (1 - rate));
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float value = x[xOffset + i] * (key.uniform(i) < rate ? 0 : scale);
            y[yOffset + i] = accumulate ? y[yOffset + i] + value : value;
          }
        });
  }

  @Override
  public void scale(
      int pixels,
      int c,
      float[] x,
      int xOffset,
      float[] factor,
      float[] shift,
      float[] y,
      int yOffset,
      Workers workers) {
    int pixelsInPart = Math.max(1, ELEMENTS / c);
    workers.run(
        (pixels + pixelsInPart - 1) / pixelsInPart,
        (part, worker) -> {
          int end = Math.min(pixels, (part + 1) * pixelsInPart);
          for (int pixel = part * pixelsInPart; pixel < end; pixel++) {
            for (int i = 0; i < c; i++) {
              y[yOffset + pixel * c + i] = x[xOffset + pixel * c + i] * factor[i] + shift[i];
            }
          }
        });
  }

  @Override
  public ScratchSize scratch(NormalizationShape shape) {
    return ScratchSize.NONE;
  }

  @Override
  public void moments(NormalizationShape shape, Operand x, Operand moments, Workers workers) {
    ScalarNormalization.moments(shape, x, moments, workers);
  }

  @Override
  public void normalize(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Workers workers) {
    ScalarNormalization.normalize(shape, x, normalization, y, workers);
  }

  @Override
  public void normalizationSums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand sums,
      Workers workers) {
    ScalarNormalization.sums(shape, x, normalization, dy, sums, workers);
  }

  @Override
  public void normalizationGradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    ScalarNormalization.gradient(shape, x, normalization, dy, slopes, accumulate, dx, workers);
  }

  private static int elementParts(int size) {
    return (int) (((long) size + ELEMENTS - 1) / ELEMENTS);
  }

  private static int elementEnd(int part, int size) {
    return (int) Math.min(size, (part + 1L) * ELEMENTS);
  }
}
