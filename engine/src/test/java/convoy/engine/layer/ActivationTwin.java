package convoy.engine.layer;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** The activations of {@link LayerTwin}, straight from their definitions. */
final class ActivationTwin {
  private ActivationTwin() {}

  static LayerTwin.Pass relu(Shape x, double[] values) {
    return each(x, values, z -> z < 0 ? 0 : z, z -> z > 0 ? 1 : 0);
  }

  static LayerTwin.Pass of(ActivationFunction function, Shape x, double[] values) {
    return switch (function) {
      case SIGMOID -> {
        DoubleUnaryOperator sigmoid = z -> 1 / (1 + StrictMath.exp(-z));
        yield each(x, values, sigmoid, z -> sigmoid.applyAsDouble(z) * sigmoid.applyAsDouble(-z));
      }
      case TANH -> each(x, values, StrictMath::tanh, z -> StrictMath.pow(StrictMath.cosh(z), -2));
    };
  }

  /** Applies {@code function}, whose derivative at z is {@code slope}. */
  private static LayerTwin.Pass each(
      Shape x, double[] values, DoubleUnaryOperator function, DoubleUnaryOperator slope) {
    double[] y = new double[values.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = function.applyAsDouble(values[i]);
    }
    return new LayerTwin.Pass(
        x,
        y,
        dy -> {
          double[] dx = new double[dy.length];
          for (int i = 0; i < dy.length; i++) {
            dx[i] = dy[i] * slope.applyAsDouble(values[i]);
          }
          return new LayerTwin.Gradients(dx, List.of());
        });
  }

  static LayerTwin.Pass softmax(Shape x, double[] values) {
    int C = x.c();
    double[] y = new double[values.length];
    double[] sums = new double[values.length / C];
    for (int i = 0; i < y.length; i++) {
      sums[i / C] += StrictMath.exp(values[i]);
    }
    for (int i = 0; i < y.length; i++) {
      y[i] = StrictMath.exp(values[i]) / sums[i / C];
    }
    return new LayerTwin.Pass(
        x,
        y,
        dy -> {
          // By the matrix of derivatives: dy[j] / dx[i] = y[j] ((i is j) - y[i]).
          double[] dx = new double[dy.length];
          for (int i = 0; i < dx.length; i++) {
            for (int j = i / C * C; j < (i / C + 1) * C; j++) {
              dx[i] += dy[j] * y[j] * ((i == j ? 1 : 0) - y[i]);
            }
          }
          return new LayerTwin.Gradients(dx, List.of());
        });
  }
}
