package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.Deque;
import java.util.List;

/** Batch normalisation by the batch's own statistics, for {@link LayerTwin}. */
final class NormalizationTwin {
  private NormalizationTwin() {}

  static LayerTwin.Pass run(
      BatchNormalization layer, Shape x, double[] values, Deque<double[]> parameters) {
    int C = x.c(), m = values.length / C;
    double[] gamma = parameters.remove(), beta = parameters.remove();
    double[] xhat = new double[values.length], y = new double[values.length];
    double[] deviations = new double[C];
    for (int c = 0; c < C; c++) {
      double mean = 0, variance = 0;
      for (int i = c; i < values.length; i += C) {
        mean += values[i] / m;
      }
      for (int i = c; i < values.length; i += C) {
        variance += (values[i] - mean) * (values[i] - mean) / m;
      }
      deviations[c] = Math.sqrt(variance + layer.epsilon());
      for (int i = c; i < values.length; i += C) {
        xhat[i] = (values[i] - mean) / deviations[c];
        y[i] = gamma[c] * xhat[i] + beta[c];
      }
    }
    return new LayerTwin.Pass(
        x,
        y,
        dy -> {
          double[] dx = new double[values.length], dgamma = new double[C], dbeta = new double[C];
          for (int i = 0; i < dy.length; i++) {
            dgamma[i % C] += dy[i] * xhat[i];
            dbeta[i % C] += dy[i];
          }
          for (int i = 0; i < dy.length; i++) {
            double rest = dy[i] - dbeta[i % C] / m - xhat[i] * dgamma[i % C] / m;
            dx[i] = gamma[i % C] / deviations[i % C] * rest;
          }
          return new LayerTwin.Gradients(dx, List.of(dgamma, dbeta));
        });
  }
}
