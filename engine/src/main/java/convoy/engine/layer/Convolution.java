package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * Convolution: as cross-correlation, which is what networks call so, or with the kernel turned by
 * 180 degrees, which is what the word means elsewhere.
 *
 * <p>Shapes: x (N, H, W, C), y (N, P, Q, K), weights w (R, S, C, K), bias b (K), with P = (H + top
 * + bottom - R) / strideH + 1 rounded down, and Q alike.
 *
 * <p>Forward: y[n,p,q,k] = b[k] + sum over r, s, c of x[n, p strideH + r - top, q strideW + s -
 * left, c] w[r,s,c,k], x being 0 outside the image; of a true convolution w[R - 1 - r, S - 1 - s,
 * c, k] stands in the place of w[r,s,c,k], here and below.
 *
 * <p>Backward: dw[r,s,c,k] = sum over n, p, q of x[n, p strideH + r - top, q strideW + s - left, c]
 * dy[n,p,q,k]; db[k] = sum over n, p, q of dy[n,p,q,k]; dx[n,h,w,c] = sum of dy[n,p,q,k] w[r,s,c,k]
 * over k and all p, r with p strideH + r - top = h and q, s alike. With a of layer l - 1 = x, z of
 * layer l = y and delta of layer l = dy: dC/dw is a of layer l - 1 correlated with delta, dC/db the
 * sum of delta, and dC/da of layer l - 1 is delta convolved with w, over the whole image.
 * Goodfellow, Bengio and Courville, "Deep Learning", 2016, equations 9.4 (true convolution), 9.6
 * (cross-correlation) and 9.7 to 9.13.
 *
 * @param filters K
 * @param window kernel size R x S, stride and padding
 * @param bias whether there is a bias
 * @param mode whether the kernel is turned
 * @param initializer of the weights; a bias is 0 at first
 */
public record Convolution(
    int filters, SlidingWindow window, boolean bias, Mode mode, Initialization initializer)
    implements OperationLayer, Affine, Windowed {
  /** How the kernel lies on the image. */
  public enum Mode {
    /** As it is. */
    CORRELATION,
    /** Turned by 180 degrees: a convolution in the mathematical sense. */
    CONVOLUTION
  }

  public Convolution {
    if (filters < 1) {
      throw new IllegalArgumentException(
          "convolution: got " + filters + " filters, wanted at least 1");
    }
  }

  @Override
  public String kind() {
    return "convolution";
  }

  @Override
  public Shape outputShape(Shape x) {
    return window.outputShape(x, filters);
  }

  @Override
  public List<ParameterSpec> parameters(Shape x) {
    int r = window.r(), s = window.s();
    Initializer first = initializer.initializer((long) r * s * x.c(), (long) r * s * filters);
    ParameterSpec weights = new ParameterSpec("weights", List.of(r, s, x.c(), filters), first);
    return bias ? List.of(weights, Affine.biasSpec(filters)) : List.of(weights);
  }

  @Override
  public long multiplications(Shape x) {
    return x.n() * shape(x).multiplications();
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return x.n() * kernels.executedMultiplications(shape(x));
  }

  /** What the kernels need, and behind it room for turned weights. */
  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    ConvolutionShape shape = shape(x);
    return mode == Mode.CORRELATION ? kernels.scratch(shape) : ScratchWeights.size(kernels, shape);
  }

  @Override
  public ScratchSize preparedScratch(Kernels kernels, Shape x) {
    if (mode == Mode.CORRELATION) {
      return Affine.super.preparedScratch(kernels, x);
    }
    return prepared(kernels, x) > 0
        ? ScratchWeights.packedSize(kernels, shape(x))
        : ScratchWeights.size(kernels, shape(x));
  }

  @Override
  public Operand weights(Forward values) {
    return mode == Mode.CORRELATION
        ? Affine.super.weights(values)
        : ScratchWeights.operand(shape(values.x().shape()), values);
  }

  @Override
  public Pass weightArrangement(Forward values) {
    if (mode == Mode.CORRELATION) {
      return Pass.NONE;
    }
    Operand w = Affine.super.weights(values), turned = weights(values);
    int cells = window.r() * window.s(), size = values.x().shape().c() * filters;
    return () -> {
      for (int cell = 0; cell < cells; cell++) {
        int to = turned.offset() + (cells - 1 - cell) * size;
        System.arraycopy(w.array(), w.offset() + cell * size, turned.array(), to, size);
      }
    };
  }

  /** Turns the gradient of the turned weights back. */
  @Override
  public Pass gradientArrangement(Tensor x, Operand dw) {
    if (mode == Mode.CORRELATION) {
      return Pass.NONE;
    }
    int cells = window.r() * window.s(), size = x.shape().c() * filters;
    return () -> turn(dw.array(), dw.offset(), cells, size);
  }

  private static void turn(float[] gradient, int offset, int cells, int size) {
    for (int cell = 0; cell < cells / 2; cell++) {
      int low = offset + cell * size, high = offset + (cells - 1 - cell) * size;
      for (int i = 0; i < size; i++) {
        float moved = gradient[low + i];
        gradient[low + i] = gradient[high + i];
        gradient[high + i] = moved;
      }
    }
  }

  @Override
  public ConvolutionShape shape(Shape x) {
    return shape(x, x.c(), filters);
  }

  private ConvolutionShape shape(Shape x, int xPixelStride, int yPixelStride) {
    return new ConvolutionShape(
        x.h(), x.w(), x.c(), filters, window.over(x), xPixelStride, yPixelStride);
  }

  @Override
  public ConvolutionShape shape(Tensor x, Tensor y) {
    return shape(x.shape(), x.pixelStride(), y.pixelStride());
  }
}
