package convoy.engine.kernel;

import convoy.engine.random.KeySource;
import java.util.List;

/**
 * The arithmetic of the layers. Each method binds one pass to arrays: it computes nothing itself,
 * the {@link Pass} does, as often as it is run. What depends on sizes and settings alone is settled
 * when the pass is made.
 *
 * <p>Images are NHWC: pixel (n, h, w) of an operand starts at {@code offset + ((n * H + h) * W + w)
 * * pixelStride} and holds its channels in a row. Convolution weights are (R, S, C, K), K
 * innermost. A pass writes only into the last of its operands, into those whose record says so, and
 * into the scratch memory of the workers; it overwrites unless {@code accumulate} is true. Channels
 * beyond C or K that a pixel stride leaves room for are neither read nor written.
 *
 * <p>Implementations hold no state, and passes no values. Each output is a sum whose order is fixed
 * by the shape alone: not by the number of workers, the width of a vector lane, the batch that an
 * image sits in, or timing. NaN and infinity propagate. Arguments are checked by {@code assert}
 * only; the layers check them.
 */
public interface Kernels {
  /** Raised whenever the bits of any kernel's results change. Stored with every checkpoint. */
  int NUMERICS_VERSION = 7;

  /** The choice of {@link #best()}: the kernels and the reason for them, as one line of text. */
  record Choice(Kernels kernels, String reason) {}

  /** The family whose results agree bit for bit, "vector" or "scalar". Stored with checkpoints. */
  String name();

  /** What these kernels are, for people: lanes and register block. */
  String description();

  /** The scratch memory that both convolution passes of {@code shape} need. */
  ScratchSize scratch(ConvolutionShape shape);

  /** What {@link #weightPacking} and {@link #packedConvolutionForward} of {@code shape} need. */
  ScratchSize packedScratch(ConvolutionShape shape);

  /**
   * Multiplications that products take in one pass of {@code shape} over one image: forward, or for
   * the gradient of the weights or of the input. {@link ConvolutionShape#multiplications} unless
   * the kernels do with fewer; what fills up whole vectors or register blocks is not counted.
   */
  long executedMultiplications(ConvolutionShape shape);

  /** Floats that packed weights take; 0 if forward passes read weights as they are. */
  int packedSize(ConvolutionShape shape);

  /** Arranges the weights {@code w} for forward passes; writes {@code packed}. */
  Pass weightPacking(ConvolutionShape shape, Operand w, Operand packed, Workers workers);

  /**
   * Convolution, as cross-correlation: y[n,p,q,k] = sum over r, s, c of x[n, p*strideH + r - top,
   * q*strideW + s - left, c] * w[r,s,c,k], x being 0 outside the image; then what {@code epilogue}
   * says. Kernels may multiply those zeros or leave them out, which differs where a weight is
   * infinite or NaN; and one such x or w may reach further outputs than its own, as NaN. Where they
   * want packed weights, each run packs w into the shared scratch memory first.
   */
  default Pass convolutionForward(
      ConvolutionShape shape,
      int images,
      Operand x,
      Operand w,
      Epilogue epilogue,
      Operand y,
      Workers workers) {
    if (packedSize(shape) == 0) {
      return packedConvolutionForward(shape, images, x, w, epilogue, y, workers);
    }
    Operand packed = new Operand(workers.shared(), Workers.ORIGIN);
    return Pass.inOrder(
        List.of(
            weightPacking(shape, w, packed, workers),
            packedConvolutionForward(shape, images, x, packed, epilogue, y, workers)));
  }

  /**
   * As {@link #convolutionForward}, of weights that {@link #weightPacking} has packed; of w itself
   * where {@link #packedSize} is 0.
   */
  Pass packedConvolutionForward(
      ConvolutionShape shape,
      int images,
      Operand x,
      Operand packed,
      Epilogue epilogue,
      Operand y,
      Workers workers);

  /**
   * The gradients of the convolution, those of them that {@code operands} names. With dy set to 0
   * where there is a y that is not above 0 (the gradient of a ReLU in the same pass):
   *
   * <ul>
   *   <li>dw[r,s,c,k] = sum over n, p, q of x[n, p*strideH + r - top, q*strideW + s - left, c] *
   *       dy[n,p,q,k];
   *   <li>db[k] = sum over n, p, q of dy[n,p,q,k];
   *   <li>dx[n,h,w,c] = sum over the (p, r), (q, s) that meet at (h, w) and over k of dy[n,p,q,k] *
   *       w[r,s,c,k], added to dx if the operands say so.
   * </ul>
   */
  Pass convolutionBackward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers);

  /**
   * Pooling: y[n,p,q,c] = what {@code function} makes of those cells x[n,h,w,c] under the window at
   * (p, q) that lie inside the image.
   */
  Pass poolingForward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand y,
      Workers workers);

  /**
   * The gradient of a pooling. Of MAX and MIN: dy[n,p,q,c] goes to the cell under the window at (p,
   * q) that is selected, to the first by row and column if several are. Of MEAN: the same share of
   * it goes to each cell that lies inside the image; x is not read. Added to dx if {@code
   * accumulate}.
   */
  Pass poolingBackward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers);

  /** ReLU over {@code size} floats in a row: y = x < 0 ? 0 : x. x and y may be the same. */
  Pass reluForward(int size, Operand x, Operand y, Workers workers);

  /**
   * The gradient of ReLU over {@code size} floats in a row: dx = y > 0 ? dy : 0, added to dx if
   * {@code accumulate}. dx may be y or dy.
   */
  Pass reluBackward(
      int size, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers);

  /** {@code function} of {@code size} floats in a row. x and y do not overlap. */
  Pass activationForward(
      ActivationFunction function, int size, Operand x, Operand y, Workers workers);

  /**
   * The gradient of an activation over {@code size} floats in a row: dx = dy * the slope where the
   * value is y, added to dx if {@code accumulate}. dy and dx may be the same.
   */
  Pass activationBackward(
      ActivationFunction function,
      int size,
      Operand y,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers);

  /**
   * Softmax over the {@code c} channels of each pixel: y[c] = e^(x[c] - m) / sum over i of e^(x[i]
   * - m), m being the largest x. A NaN or plus infinity among them makes all of them NaN. x and y
   * may be the same.
   */
  Pass softmaxForward(int pixels, int c, Operand x, Operand y, Workers workers);

  /**
   * The gradient of softmax: dx[c] = y[c] * (dy[c] - sum over i of dy[i] * y[i]), added to dx if
   * {@code accumulate}. dy and dx may be the same.
   */
  Pass softmaxBackward(
      int pixels, int c, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers);

  /**
   * Local response normalisation over the {@code c} channels of each pixel. The workers' scratch
   * memory holds {@link ResponseNormalization#scratch}. x and y may be the same.
   */
  Pass responseNormalizationForward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand y,
      Workers workers);

  /**
   * The gradient of local response normalisation: dx[i] = dy[i] * s[i]^-beta - 2 * alpha * beta *
   * x[i] * sum over the channels j around i of dy[j] * y[j] / s[j], added to dx if {@code
   * accumulate}.
   */
  Pass responseNormalizationBackward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers);

  /** The sum of two operands of {@code size} floats in a row: y = a + b. y may be a or b. */
  Pass addition(int size, Operand a, Operand b, Operand y, Workers workers);

  /**
   * Inverted dropout over {@code size} floats in a row, i counted from 0: y = x * m, m being 0
   * where the uniform number i of {@code key} is below {@code rate}, else 1 / (1 - rate) rounded to
   * float; added to y if {@code accumulate}. x and y may be the same.
   */
  Pass dropout(
      int size,
      KeySource key,
      double rate,
      Operand x,
      boolean accumulate,
      Operand y,
      Workers workers);

  /** Scaling by channel: y[pixel, c] = x[pixel, c] * factor[c] + shift[c]. x and y may be same. */
  Pass scaling(
      int pixels, int c, Operand x, float[] factor, float[] shift, Operand y, Workers workers);

  /** The scratch memory that the sums over the pixels of {@code shape} need. */
  ScratchSize scratch(NormalizationShape shape);

  /**
   * Mean and variance of each channel: moments[c] = sum over all pixels of x[pixel, c] / pixels,
   * moments[C + c] = sum of (x[pixel, c] - mean[c])^2 / pixels. The squares are those of centred
   * values, so a mean that is large beside the deviation costs no digits.
   */
  Pass moments(NormalizationShape shape, Operand x, Operand moments, Workers workers);

  /**
   * What {@code normalization} says; the values of {@code add}, if it is there, are added before
   * the ReLU. x and y may be the same; add has the sizes of y.
   */
  Pass normalizationForward(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand add,
      Operand y,
      Workers workers);

  /**
   * The sums of a normalisation's gradients, with g = dy, and 0 where there is a ReLU and its input
   * v is not above 0: sums[c] = sum over all pixels of g[pixel, c], sums[C + c] = sum of g[pixel,
   * c] * (x[pixel, c] - mean[c]).
   *
   * @param y the output of a ReLU behind an addition; where it is not above 0, g is 0, and so is dy
   *     afterwards; none if there is no such ReLU. {@code normalization} then has no ReLU itself
   */
  Pass normalizationSums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Operand dy,
      Operand sums,
      Workers workers);

  /**
   * The gradient of a normalisation's input, with g as in {@link #normalizationSums}: dx = scale[c]
   * * (g - slopes[c] - slopes[C + c] * (x - mean[c])), or dx = scale[c] * g if there are no slopes;
   * added to dx if {@code accumulate}. Reads x only if there are slopes or a ReLU. dy and dx may be
   * the same.
   */
  Pass normalizationGradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers);

  /**
   * The fastest kernels that this JVM can run: the vector kernels where the module
   * jdk.incubator.vector is present and its preferred lanes hold at least four floats.
   */
  static Choice best() {
    return KernelSelection.BEST;
  }
}
