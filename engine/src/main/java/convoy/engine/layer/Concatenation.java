package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies inputs side by side into the channels of one output, the end of {@link Branches}, and
 * their gradients back: dC/da of an input is its own channels of dy. A plan leaves out inputs that
 * lie there already.
 *
 * @param firstChannels for each input, the output's channel that its first channel becomes
 */
public record Concatenation(List<Integer> firstChannels) implements Operation {
  /** Pixels in a part of a pass. */
  private static final int PIXELS = 256;

  public Concatenation {
    firstChannels = List.copyOf(firstChannels);
  }

  @Override
  public String kind() {
    return "concatenation";
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
    List<Pass> passes = new ArrayList<>();
    for (int i = 0; i < firstChannels.size(); i++) {
      Tensor x = values.inputs().get(i);
      passes.add(copy(x, 0, values.y(), firstChannels.get(i), x.shape().c(), values.workers()));
    }
    return Pass.inOrder(passes);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Tensor dy = gradients.dy();
    List<Pass> passes = new ArrayList<>();
    for (int i = firstChannels.size() - 1; i >= 0; i--) {
      Backward.InputGradient input = gradients.inputGradients().get(i);
      Tensor dx = input.dx();
      if (input.accumulates()) {
        passes.add(sum(dy, firstChannels.get(i), dx, dx.shape().c(), values.workers()));
      } else if (input.isWanted()) {
        passes.add(copy(dy, firstChannels.get(i), dx, 0, dx.shape().c(), values.workers()));
      }
    }
    return Pass.inOrder(passes);
  }

  /** Overwrites {@code count} channels of {@code to}, from channel {@code toChannel} on. */
  private static Pass copy(
      Tensor from, int fromChannel, Tensor to, int toChannel, int count, Workers workers) {
    int pixels = to.shape().pixels();
    int source = from.offset() + fromChannel, target = to.offset() + toChannel;
    return workers.pass(
        (pixels + PIXELS - 1) / PIXELS,
        (part, worker) -> {
          int end = Math.min(pixels, (part + 1) * PIXELS);
          for (int pixel = part * PIXELS; pixel < end; pixel++) {
            System.arraycopy(
                from.array(),
                source + pixel * from.pixelStride(),
                to.array(),
                target + pixel * to.pixelStride(),
                count);
          }
        });
  }

  /** Adds {@code count} channels of {@code from} to those of {@code to}. */
  private static Pass sum(Tensor from, int fromChannel, Tensor to, int count, Workers workers) {
    int pixels = to.shape().pixels();
    return workers.pass(
        (pixels + PIXELS - 1) / PIXELS,
        (part, worker) -> {
          float[] a = from.array(), b = to.array();
          int end = Math.min(pixels, (part + 1) * PIXELS);
          for (int pixel = part * PIXELS; pixel < end; pixel++) {
            int source = from.offset() + fromChannel + pixel * from.pixelStride();
            int target = to.offset() + pixel * to.pixelStride();
            for (int c = 0; c < count; c++) {
              b[target + c] += a[source + c];
            }
          }
        });
  }
}
