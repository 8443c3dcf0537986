package convoy.engine.layer;

import convoy.engine.kernel.PoolingFunction;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/** The poolings of {@link LayerTwin}, straight from their definitions. */
final class PoolingTwin {
  private PoolingTwin() {}

  static LayerTwin.Pass of(PoolingFunction function, Slide slide, Shape x, double[] values) {
    return switch (function) {
      case MAX -> selection(1, slide, x, values);
      case MEAN -> mean(slide, x, values);
      case MIN -> selection(-1, slide, x, values);
    };
  }

  static LayerTwin.Pass globalMean(Shape x, double[] values) {
    return mean(new Slide(x.h(), x.w(), 1, 1, 0, 0, 1, 1), x, values);
  }

  /** The largest of the values times {@code sign}. */
  private static LayerTwin.Pass selection(int sign, Slide slide, Shape x, double[] values) {
    Shape shape = new Shape(x.n(), slide.P(), slide.Q(), x.c());
    int C = x.c();
    int[] winner = new int[(int) shape.size()];
    Arrays.fill(winner, -1);
    slide.forEachMeeting(
        x,
        (output, input, cell) -> {
          for (int c = 0; c < C; c++) {
            int o = output * C + c, i = input * C + c;
            if (winner[o] < 0 || beats(sign * values[i], sign * values[winner[o]])) {
              winner[o] = i;
            }
          }
        });
    double[] y = new double[winner.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = values[winner[i]];
    }
    return new LayerTwin.Pass(
        shape,
        y,
        dy -> {
          double[] dx = new double[values.length];
          for (int i = 0; i < dy.length; i++) {
            dx[winner[i]] += dy[i];
          }
          return new LayerTwin.Gradients(dx, List.of());
        });
  }

  private static boolean beats(double value, double best) {
    return !Double.isNaN(best) && (Double.isNaN(value) || value > best);
  }

  private static LayerTwin.Pass mean(Slide slide, Shape x, double[] values) {
    Shape shape = new Shape(x.n(), slide.P(), slide.Q(), x.c());
    int C = x.c();
    int[] cells = new int[shape.pixels()];
    slide.forEachMeeting(x, (output, input, cell) -> cells[output]++);
    double[] y = new double[(int) shape.size()];
    slide.forEachMeeting(
        x,
        (output, input, cell) -> {
          for (int c = 0; c < C; c++) {
            y[output * C + c] += values[input * C + c] / cells[output];
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
                  dx[input * C + c] += dy[output * C + c] / cells[output];
                }
              });
          return new LayerTwin.Gradients(dx, List.of());
        });
  }
}
