package convoy.engine.kernel;

import convoy.engine.random.RandomKey;

/**
 * The reference: every kernel as the plain loops of its definition.
 *
 * <p>Sums are accumulated in double and rounded once, so each result is the true one to within half
 * a unit in the last place or so. Where a sum runs over outputs side by side, the output channels
 * are innermost. Nothing here is tuned, and taps outside an image are left out, not multiplied by
 * zero.
 */
public class ScalarKernels implements Kernels {
  /** Their {@link #name()}. */
  public static final String NAME = "scalar";

  /** Floats in a part of an element-wise pass. */
  private static final int ELEMENTS = 1 << 14;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "scalar kernels (plain loops, sums in double)";
  }

  @Override
  public ScratchSize scratch(ConvolutionShape shape) {
    return ScalarConvolution.scratch(shape);
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
  public void poolingForward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    ScalarPooling.forward(function, shape, images, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void poolingBackward(
      PoolingFunction function,
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
    ScalarPooling.backward(
        function, shape, images, x, xOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
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
  public void responseNormalizationForward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    ScalarResponseNormalization.forward(normalization, pixels, c, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void responseNormalizationBackward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    ScalarResponseNormalization.backward(
        normalization, pixels, c, x, xOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
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
