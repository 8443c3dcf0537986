package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;

/** Local response normalisation of {@link LayerTwin}, by the matrix of its derivatives. */
final class ResponseNormalizationTwin {
  private ResponseNormalizationTwin() {}

  static LayerTwin.Pass of(LocalResponseNormalization layer, Shape x, double[] values) {
    int C = x.c();
    double alpha = layer.alphaDividedBySize() ? layer.alpha() / layer.size() : layer.alpha();
    double[] s = new double[values.length];
    double[] y = new double[values.length];
    for (int i = 0; i < y.length; i++) {
      s[i] = layer.k();
      for (int j = first(layer, i, C); j < end(layer, i, C); j++) {
        s[i] += alpha * values[j] * values[j];
      }
      y[i] = values[i] / StrictMath.pow(s[i], layer.beta());
    }
    return new LayerTwin.Pass(
        x,
        y,
        dy -> {
          double[] dx = new double[dy.length];
          for (int i = 0; i < dy.length; i++) {
            dx[i] += dy[i] / StrictMath.pow(s[i], layer.beta());
            double byS = -layer.beta() * values[i] * StrictMath.pow(s[i], -layer.beta() - 1);
            for (int j = first(layer, i, C); j < end(layer, i, C); j++) {
              dx[j] += dy[i] * byS * 2 * alpha * values[j];
            }
          }
          return new LayerTwin.Gradients(dx, List.of());
        });
  }

  private static int first(LocalResponseNormalization layer, int i, int C) {
    return Math.max(i / C * C, i - layer.size() / 2);
  }

  private static int end(LocalResponseNormalization layer, int i, int C) {
    return Math.min((i / C + 1) * C, i + layer.size() / 2 + 1);
  }
}
