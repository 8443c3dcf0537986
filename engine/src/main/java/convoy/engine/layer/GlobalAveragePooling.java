package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.tensor.Shape;

/**
 * The mean of each channel over the whole image: mean {@link Pooling} with a window of its size.
 *
 * <p>Shapes: x (N, H, W, C), y (N, C). Forward: y[n,c] = sum over h, w of x[n,h,w,c] / (H W).
 * Backward: dx[n,h,w,c] = dy[n,c] / (H W). So delta of layer l = s'(z) times what layer l + 1 gives
 * back, sampled up and divided by H W. Lin, Chen and Yan, "Network In Network", 2014, section 3.2.
 */
public record GlobalAveragePooling() implements OperationLayer {

  @Override
  public String kind() {
    return "globalAveragePooling";
  }

  @Override
  public Shape outputShape(Shape x) {
    return pooling(x).outputShape(x);
  }

  private static Pooling pooling(Shape x) {
    return new Pooling(PoolingFunction.MEAN, SlidingWindow.tiles(x.h(), x.w()));
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return false;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  @Override
  public boolean writesWithPixelStride() {
    return true;
  }

  @Override
  public Pass forward(Forward values) {
    return pooling(values.x().shape()).forward(values);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    return pooling(values.x().shape()).backward(values, gradients);
  }
}
