package convoy.engine.kernel;

import convoy.engine.random.KeySource;
import convoy.engine.random.RandomKey;

/**
 * The reference: every kernel as the plain loops of its definition.
 *
 * <p>Sums are accumulated in double and rounded once, so each result is the true one to within half
 * a unit in the last place or so; only the means of pooling and the sums of local response
 * normalisation are in float. Where a sum runs over outputs side by side, the output channels are
 * innermost. Nothing here is tuned, and taps outside an image are left out, not multiplied by zero.
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
  public ScratchSize packedScratch(ConvolutionShape shape) {
    return scratch(shape).withoutShared();
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
  public Pass weightPacking(ConvolutionShape shape, Operand w, Operand packed, Workers workers) {
    throw new IllegalStateException("these kernels read weights as they are");
  }

  @Override
  public Pass packedConvolutionForward(
      ConvolutionShape shape,
      int images,
      Operand x,
      Operand w,
      Epilogue epilogue,
      Operand y,
      Workers workers) {
    return ScalarConvolution.forward(shape, images, x, w, epilogue, y, workers);
  }

  @Override
  public Pass convolutionBackward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    return ScalarConvolution.backward(shape, images, operands, workers);
  }

  @Override
  public Pass poolingForward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand y,
      Workers workers) {
    return ScalarPooling.forward(function, shape, images, x, y, workers);
  }

  @Override
  public Pass poolingBackward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return ScalarPooling.backward(function, shape, images, x, dy, accumulate, dx, workers);
  }

  @Override
  public Pass reluForward(int size, Operand x, Operand y, Workers workers) {
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float value = in[from + i];
            out[to + i] = value < 0 ? 0 : value;
          }
        });
  }

  @Override
  public Pass reluBackward(
      int size, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    float[] outputs = y.array(), slopes = dy.array(), gradients = dx.array();
    int own = y.offset(), from = dy.offset(), to = dx.offset();
    return workers.pass(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float gradient = outputs[own + i] > 0 ? slopes[from + i] : 0;
            gradients[to + i] = accumulate ? gradients[to + i] + gradient : gradient;
          }
        });
  }

  @Override
  public Pass activationForward(
      ActivationFunction function, int size, Operand x, Operand y, Workers workers) {
    return ScalarActivations.forward(function, size, x, y, workers);
  }

  @Override
  public Pass activationBackward(
      ActivationFunction function,
      int size,
      Operand y,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return ScalarActivations.backward(function, size, y, dy, accumulate, dx, workers);
  }

  @Override
  public Pass softmaxForward(int pixels, int c, Operand x, Operand y, Workers workers) {
    return ScalarActivations.softmaxForward(pixels, c, x, y, workers);
  }

  @Override
  public Pass softmaxBackward(
      int pixels, int c, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    return ScalarActivations.softmaxBackward(pixels, c, y, dy, accumulate, dx, workers);
  }

  @Override
  public Pass responseNormalizationForward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand y,
      Workers workers) {
    return ScalarResponseNormalization.forward(normalization, pixels, c, x, y, workers);
  }

  @Override
  public Pass responseNormalizationBackward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return ScalarResponseNormalization.backward(
        normalization, pixels, c, x, dy, accumulate, dx, workers);
  }

  @Override
  public Pass addition(int size, Operand a, Operand b, Operand y, Workers workers) {
    float[] first = a.array(), second = b.array(), sums = y.array();
    int firstAt = a.offset(), secondAt = b.offset(), to = y.offset();
    return workers.pass(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            sums[to + i] = first[firstAt + i] + second[secondAt + i];
          }
        });
  }

  @Override
  public Pass dropout(
      int size,
      KeySource key,
      double rate,
      Operand x,
      boolean accumulate,
      Operand y,
      Workers workers) {
    float scale = (float) (1 / (1 - rate));
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        elementParts(size),
        (part, worker) -> {
          long state = key.state();
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float value = in[from + i] * (RandomKey.uniform(state, i) < rate ? 0 : scale);
            out[to + i] = accumulate ? out[to + i] + value : value;
          }
        });
  }

  @Override
  public Pass scaling(
      int pixels, int c, Operand x, float[] factor, float[] shift, Operand y, Workers workers) {
    int pixelsInPart = Math.max(1, ELEMENTS / c);
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        (pixels + pixelsInPart - 1) / pixelsInPart,
        (part, worker) -> {
          int end = Math.min(pixels, (part + 1) * pixelsInPart);
          for (int pixel = part * pixelsInPart; pixel < end; pixel++) {
            for (int i = 0; i < c; i++) {
              out[to + pixel * c + i] = in[from + pixel * c + i] * factor[i] + shift[i];
            }
          }
        });
  }

  @Override
  public ScratchSize scratch(NormalizationShape shape) {
    return ScratchSize.NONE;
  }

  @Override
  public Pass moments(NormalizationShape shape, Operand x, Operand moments, Workers workers) {
    return ScalarNormalization.moments(shape, x, moments, workers);
  }

  @Override
  public Pass normalizationForward(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand add,
      Operand y,
      Workers workers) {
    return ScalarNormalization.forward(shape, x, normalization, add, y, workers);
  }

  @Override
  public Pass normalizationSums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Operand dy,
      Operand sums,
      Workers workers) {
    return ScalarNormalization.sums(shape, x, normalization, y, dy, sums, workers);
  }

  @Override
  public Pass normalizationGradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return ScalarNormalization.gradient(
        shape, x, normalization, dy, slopes, accumulate, dx, workers);
  }

  private static int elementParts(int size) {
    return (int) (((long) size + ELEMENTS - 1) / ELEMENTS);
  }

  private static int elementEnd(int part, int size) {
    return (int) Math.min(size, (part + 1L) * ELEMENTS);
  }
}
