package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.Deque;
import java.util.List;

/** The plain recurrent layer, for {@link LayerTwin}. */
final class RecurrentTwin {
  private RecurrentTwin() {}

  static LayerTwin.Pass run(Recurrent layer, Shape x, double[] values, Deque<double[]> parameters) {
    int N = x.n(), T = x.h(), F = x.w() * x.c(), U = layer.units();
    double[] wx = parameters.remove(), wh = parameters.remove(), b = parameters.remove();
    double[][][] h = new double[N][T + 1][U];
    double[] y = new double[N * U];
    for (int n = 0; n < N; n++) {
      for (int t = 1; t <= T; t++) {
        for (int u = 0; u < U; u++) {
          double z = b[u];
          for (int f = 0; f < F; f++) {
            z += values[(n * T + t - 1) * F + f] * wx[f * U + u];
          }
          for (int v = 0; v < U; v++) {
            z += h[n][t - 1][v] * wh[v * U + u];
          }
          h[n][t][u] = Math.tanh(z);
        }
      }
      System.arraycopy(h[n][T], 0, y, n * U, U);
    }
    return new LayerTwin.Pass(
        Shape.flat(N, U),
        y,
        dy -> {
          double[] dx = new double[values.length], dwx = new double[wx.length];
          double[] dwh = new double[wh.length], db = new double[U];
          for (int n = 0; n < N; n++) {
            double[] dh = new double[U];
            System.arraycopy(dy, n * U, dh, 0, U);
            for (int t = T; t >= 1; t--) {
              double[] before = new double[U];
              for (int u = 0; u < U; u++) {
                double delta = dh[u] * (1 - h[n][t][u] * h[n][t][u]);
                db[u] += delta;
                for (int f = 0; f < F; f++) {
                  int i = (n * T + t - 1) * F + f;
                  dx[i] += delta * wx[f * U + u];
                  dwx[f * U + u] += delta * values[i];
                }
                for (int v = 0; v < U; v++) {
                  before[v] += delta * wh[v * U + u];
                  dwh[v * U + u] += delta * h[n][t - 1][v];
                }
              }
              dh = before;
            }
          }
          return new LayerTwin.Gradients(dx, List.of(dwx, dwh, db));
        });
  }
}
