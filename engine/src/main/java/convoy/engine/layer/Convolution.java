package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * Convolution, as cross-correlation.
 *
 * <p>Shapes: x (N, H, W, C), y (N, P, Q, K), weights w (R, S, C, K), bias b (K), with P = (H + top
 * + bottom - R) / strideH + 1 rounded down, and Q alike.
 *
 * <p>Forward: y[n,p,q,k] = b[k] + sum over r, s, c of x[n, p strideH + r - top, q strideW + s -
 * left, c] w[r,s,c,k], x being 0 outside the image.
 *
 * <p>Backward: dw[r,s,c,k] = sum over n, p, q of x[n, p strideH + r - top, q strideW + s - left, c]
 * dy[n,p,q,k]; db[k] = sum over n, p, q of dy[n,p,q,k]; dx[n,h,w,c] = sum of dy[n,p,q,k] w[r,s,c,k]
 * over k and all p, r with p strideH + r - top = h and q, s alike. Goodfellow, Bengio and
 * Courville, "Deep Learning", 2016, equations 9.7 to 9.13.
 *
 * @param filters K
 * @param r kernel height R
 * @param s kernel width S
 * @param strideH rows from one window to the next
 * @param strideW columns from one window to the next
 * @param padding what surrounds the image
 * @param bias whether there is a bias
 */
public record Convolution(
    int filters, int r, int s, int strideH, int strideW, Padding padding, boolean bias)
    implements OperationLayer, Affine {

  public Convolution {
    if (filters < 1 || r < 1 || s < 1 || strideH < 1 || strideW < 1) {
      throw new IllegalArgumentException(
          "convolution of "
              + filters
              + " filters, kernel "
              + r
              + "x"
              + s
              + ", stride "
              + strideH
              + "x"
              + strideW
              + ": each must be >= 1");
    }
  }

  @Override
  public String kind() {
    return "convolution";
  }

  @Override
  public Shape outputShape(Shape x) {
    Window window = padding.window(r, s, strideH, strideW, x);
    int p = window.outputHeight(x.h());
    int q = window.outputWidth(x.w());
    if (p < 1 || q < 1) {
      throw new IllegalArgumentException(
          "a "
              + r
              + "x"
              + s
              + " kernel does not fit an input of "
              + x.heightWidthChannels()
              + ": use a smaller kernel, or padding: same");
    }
    return new Shape(x.n(), p, q, filters);
  }

  @Override
  public List<ParameterSpec> parameters(Shape x) {
    Initializer glorot =
        new Initializer.GlorotUniform((long) r * s * x.c(), (long) r * s * filters);
    ParameterSpec weights = new ParameterSpec("weights", List.of(r, s, x.c(), filters), glorot);
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

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(shape(x));
  }

  @Override
  public ConvolutionShape shape(Shape x) {
    return shape(x, x.c(), filters);
  }

  private ConvolutionShape shape(Shape x, int xPixelStride, int yPixelStride) {
    Window window = padding.window(r, s, strideH, strideW, x);
    return new ConvolutionShape(x.h(), x.w(), x.c(), filters, window, xPixelStride, yPixelStride);
  }

  @Override
  public ConvolutionShape shape(Tensor x, Tensor y) {
    return shape(x.shape(), x.pixelStride(), y.pixelStride());
  }
}
