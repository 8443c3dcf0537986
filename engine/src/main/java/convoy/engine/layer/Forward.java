package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * What one operation works on in the forward pass: views, which stay, of values, which change.
 *
 * @param kernels the arithmetic
 * @param workers threads and scratch memory
 * @param inputs the inputs x
 * @param parameters the parameters, in the order of the layer's specs, then its statistics; the
 *     forward pass of training writes these
 * @param kept what the operation keeps for itself, written by the forward pass
 * @param prepared what {@link Operation#preparation} makes of the parameters, or none
 * @param key of the numbers that the operation draws, another one in each step
 * @param y the output, written by the forward pass
 */
public record Forward(
    Kernels kernels,
    Workers workers,
    List<Tensor> inputs,
    List<Tensor> parameters,
    Operand kept,
    Operand prepared,
    KeySource key,
    Tensor y) {

  /** The first input, of most operations the only one. */
  public Tensor x() {
    return inputs.get(0);
  }
}
