package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;

/** The filters of {@link LayerTwin}; the weights themselves are checked by hand in FilterTest. */
final class FilterTwin {
  private FilterTwin() {}

  static LayerTwin.Pass of(Filter layer, Shape x, double[] values) {
    Slide slide = Slide.of(layer.window(), x);
    float[] w = layer.kernel().weights();
    Shape shape = new Shape(x.n(), slide.P(), slide.Q(), x.c());
    int C = x.c();
    double[] y = new double[(int) shape.size()];
    slide.forEachMeeting(
        x,
        (output, input, cell) -> {
          for (int c = 0; c < C; c++) {
            y[output * C + c] += values[input * C + c] * w[cell];
          }
        });
    return new LayerTwin.Pass(
        shape,
        y,
        dy -> {
          double[] dx = new double[values.length];
          slide.forEachMeeting(
              x,
              (output, input, cell) -> {
                for (int c = 0; c < C; c++) {
                  dx[input * C + c] += dy[output * C + c] * w[cell];
                }
              });
          return new LayerTwin.Gradients(dx, List.of());
        });
  }

  static LayerTwin.Pass grey(Shape x, double[] values) {
    double[] w = {0.299, 0.587, 0.114};
    double[] y = new double[x.pixels()];
    for (int i = 0; i < values.length; i++) {
      y[i / 3] += values[i] * w[i % 3];
    }
    return new LayerTwin.Pass(
        new Shape(x.n(), x.h(), x.w(), 1),
        y,
        dy -> {
          double[] dx = new double[values.length];
          for (int i = 0; i < dx.length; i++) {
            dx[i] = dy[i / 3] * w[i % 3];
          }
          return new LayerTwin.Gradients(dx, List.of());
        });
  }
}
