package convoy.engine.layer;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A plain recurrent layer, which reads an image row by row, from the top, and puts out what it
 * knows after the last.
 *
 * <p>Shapes: x (N, H, W, C), of which x_t (N, F) is row t, F = W C; y (N, U); input weights Wx (F,
 * U), hidden weights Wh (U, U), bias b (U).
 *
 * <p>Forward: h_t = tanh(x_t Wx + h_(t-1) Wh + b), t from 1 to H, h_0 = 0; y = h_H. Goodfellow,
 * Bengio and Courville, "Deep Learning", 2016, equations 10.8 and 10.9.
 *
 * <p>Backward, through time: with dh_H = dy, delta_t = dh_t (1 - h_t^2), product by product, and
 * dh_(t-1) = delta_t Wh^T; dx_t = delta_t Wx^T; dWx = sum over t of x_t^T delta_t; dWh = sum over t
 * from 2 of h_(t-1)^T delta_t; db = sum over n and t of delta_t. The same book, equations 10.20 to
 * 10.28.
 *
 * <p>With a of layer l - 1 = x, z of layer l at t = x_t Wx + h_(t-1) Wh + b and delta_t = dC/dz at
 * t: dC/dw is dWx and dWh, dC/db = db, and dx is the derivative of the cost by a of layer l - 1.
 *
 * <p>Wx meets all rows of all images at once, as the rows of a dense layer; Wh meets those of one
 * t.
 *
 * @param units U
 * @param initializer of both weights; the bias is 0 at first
 */
public record Recurrent(int units, Initialization initializer) implements OperationLayer {

  public Recurrent {
    if (units < 1) {
      throw new IllegalArgumentException("recurrent: got " + units + " units, wanted at least 1");
    }
  }

  @Override
  public String kind() {
    return "recurrent";
  }

  @Override
  public Shape outputShape(Shape x) {
    return Shape.flat(x.n(), units);
  }

  @Override
  public List<ParameterSpec> parameters(Shape x) {
    int F = x.w() * x.c();
    return List.of(
        new ParameterSpec("inputWeights", List.of(F, units), initializer.initializer(F, units)),
        new ParameterSpec(
            "hiddenWeights", List.of(units, units), initializer.initializer(units, units)),
        Affine.biasSpec(units));
  }

  @Override
  public long multiplications(Shape x) {
    long input = (long) x.h() * x.w() * x.c(), hidden = (x.h() - 1L) * units;
    return x.n() * units * (input + hidden);
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(ofRows(x)).max(kernels.scratch(ofStates(x)));
  }

  /** x_t Wx + b of all t, in whose place the backward pass puts delta_t, and h_t of all t. */
  @Override
  public long kept(Shape x, boolean training) {
    return 2L * x.n() * x.h() * units;
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return true;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  /** From the rows of the images to all t. */
  private ConvolutionShape ofRows(Shape x) {
    return ConvolutionShape.dense(x.w() * x.c(), units);
  }

  /** From the states of one t to the next; those of an image lie side by side. */
  private ConvolutionShape ofStates(Shape x) {
    int image = Math.multiplyExact(x.h(), units);
    return ConvolutionShape.dense(units, units).withPixelStrides(image, image);
  }

  @Override
  public Pass forward(Forward values) {
    Shape x = values.x().shape();
    Operand sums = values.kept(), states = states(values), none = Operand.NONE;
    Epilogue bias = Epilogue.of(values.parameters().get(2).operand(), false);
    List<Pass> passes = new ArrayList<>();
    passes.add(product(values, ofRows(x), x.n() * x.h(), values.x().operand(), 0, bias, sums));
    passes.add(tanh(values, sums, states));
    for (int t = 1; t < x.h(); t++) {
      Operand state = at(states, t);
      Epilogue add = new Epilogue(none, at(sums, t), false, none, none);
      passes.add(product(values, ofStates(x), x.n(), at(states, t - 1), 1, add, state));
      passes.add(tanh(values, state, state));
    }
    Operand last = at(states, x.h() - 1);
    passes.add(() -> copy(last, x, values.y()));
    return Pass.inOrder(passes);
  }

  private static Pass product(
      Forward values,
      ConvolutionShape shape,
      int rows,
      Operand x,
      int parameter,
      Epilogue epilogue,
      Operand y) {
    Operand w = values.parameters().get(parameter).operand();
    return values.kernels().convolutionForward(shape, rows, x, w, epilogue, y, values.workers());
  }

  /** The hyperbolic tangent of the values of one t; z and h may be the same. */
  private Pass tanh(Forward values, Operand z, Operand h) {
    Shape x = values.x().shape();
    int image = x.h() * units;
    return values
        .workers()
        .pass(
            x.n(),
            (n, worker) -> {
              for (int i = n * image; i < n * image + units; i++) {
                float value = ActivationFunction.TANH.value(z.array()[z.offset() + i]);
                h.array()[h.offset() + i] = value;
              }
            });
  }

  /** Copies the last states of the images of shape {@code x}. */
  private void copy(Operand states, Shape x, Tensor y) {
    for (int n = 0; n < x.n(); n++) {
      int from = states.offset() + n * x.h() * units;
      System.arraycopy(states.array(), from, y.array(), y.offset() + n * y.pixelStride(), units);
    }
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Shape x = values.x().shape();
    Operand states = states(values), deltas = values.kept(), none = Operand.NONE;
    Operand hidden = values.parameters().get(1).operand();
    Tensor dy = gradients.dy();
    List<Pass> passes = new ArrayList<>();
    passes.add(delta(values, dy.operand(), dy.pixelStride(), x.h() - 1));
    for (int t = x.h() - 1; t > 0; t--) {
      Operand previous = at(deltas, t - 1);
      ConvolutionBackward step =
          new ConvolutionBackward(
              at(states, t - 1), hidden, none, at(deltas, t), none, none, previous, false);
      passes.add(values.kernels().convolutionBackward(ofStates(x), x.n(), step, values.workers()));
      passes.add(delta(values, previous, x.h() * units, t - 1));
    }
    Backward.InputGradient input = gradients.first();
    List<Tensor> wanted = gradients.parameterGradients();
    ConvolutionBackward rows =
        new ConvolutionBackward(
            values.x().operand(),
            values.parameters().get(0).operand(),
            none,
            deltas,
            wanted.isEmpty() ? none : wanted.get(0).operand(),
            wanted.isEmpty() ? none : wanted.get(2).operand(),
            input.isWanted() ? input.dx().operand() : none,
            input.accumulates());
    passes.add(
        values.kernels().convolutionBackward(ofRows(x), x.n() * x.h(), rows, values.workers()));
    if (!wanted.isEmpty()) {
      passes.add(() -> clearFirstDeltas(deltas, x));
      passes.add(hiddenGradient(values, wanted.get(1)));
    }
    return Pass.inOrder(passes);
  }

  /** Writes delta of one t; {@code dh} may lie in its place. */
  private Pass delta(Forward values, Operand dh, int stride, int t) {
    Shape x = values.x().shape();
    Operand state = at(states(values), t), delta = at(values.kept(), t);
    return values
        .workers()
        .pass(
            x.n(),
            (n, worker) -> {
              for (int u = 0; u < units; u++) {
                int i = n * x.h() * units + u;
                float slope = ActivationFunction.TANH.slope(state.array()[state.offset() + i]);
                float gradient = dh.array()[dh.offset() + n * stride + u];
                delta.array()[delta.offset() + i] = gradient * slope;
              }
            });
  }

  /**
   * Sets the first delta of each image to 0, as nobody reads it any more: in the pairs of {@link
   * #hiddenGradient} it stands behind the last state of the image before, which does not lead to
   * it.
   */
  private void clearFirstDeltas(Operand deltas, Shape x) {
    for (int n = 0; n < x.n(); n++) {
      int first = deltas.offset() + n * x.h() * units;
      Arrays.fill(deltas.array(), first, first + units, 0);
    }
  }

  /** Pairs each state with the delta behind it. */
  private Pass hiddenGradient(Forward values, Tensor dw) {
    Shape x = values.x().shape();
    int pairs = x.n() * x.h() - 1;
    if (pairs == 0) {
      int size = dw.size();
      return () -> Arrays.fill(dw.array(), dw.offset(), dw.offset() + size, 0);
    }
    Operand none = Operand.NONE;
    ConvolutionBackward operands =
        new ConvolutionBackward(
            states(values), none, none, at(values.kept(), 1), dw.operand(), none, none, false);
    ConvolutionShape shape = ConvolutionShape.dense(units, units);
    return values.kernels().convolutionBackward(shape, pairs, operands, values.workers());
  }

  private Operand states(Forward values) {
    Shape x = values.x().shape();
    return at(values.kept(), x.n() * x.h());
  }

  /** The operand {@code rows} rows of U values further on. */
  private Operand at(Operand operand, int rows) {
    return new Operand(operand.array(), operand.offset() + rows * units);
  }
}
