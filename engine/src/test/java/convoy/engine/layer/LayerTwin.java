package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * The layers a second time: in double, as plain loops straight from their equations, without the
 * kernels. What the engine computes is held against it.
 *
 * <p>Values are NHWC without gaps. A layer takes its parameters from the front of a queue, in the
 * order of the tree.
 */
public final class LayerTwin {
  /** What a forward pass makes, and the backward pass that belongs to it. */
  public record Pass(Shape shape, double[] y, Function<double[], Gradients> backward) {}

  /** The gradients of a layer's input and of its parameters, in the order of the tree. */
  public record Gradients(double[] dx, List<double[]> parameters) {}

  private LayerTwin() {}

  /** Computes {@code layer} over {@code values}, of shape {@code x}. */
  public static Pass run(Layer layer, Shape x, double[] values, Deque<double[]> parameters) {
    if (layer instanceof Sequence sequence) {
      return sequence(sequence.layers(), x, values, parameters);
    } else if (layer instanceof Residual residual) {
      return residual(residual, x, values, parameters);
    } else if (layer instanceof Branches branches) {
      return branches(branches, x, values, parameters);
    } else if (layer instanceof Convolution convolution) {
      return convolution(convolution, x, values, parameters);
    } else if (layer instanceof Recurrent recurrent) {
      return RecurrentTwin.run(recurrent, x, values, parameters);
    } else if (layer instanceof Dense dense) {
      return dense(dense, x, values, parameters);
    } else if (layer instanceof Pooling pooling) {
      return PoolingTwin.of(pooling.function(), Slide.of(pooling.window(), x), x, values);
    } else if (layer instanceof LocalResponseNormalization normalization) {
      return ResponseNormalizationTwin.of(normalization, x, values);
    } else if (layer instanceof Filter filter) {
      return FilterTwin.of(filter, x, values);
    } else if (layer instanceof Grey) {
      return FilterTwin.grey(x, values);
    } else if (layer instanceof GlobalAveragePooling) {
      return PoolingTwin.globalMean(x, values);
    } else if (layer instanceof Relu) {
      return ActivationTwin.relu(x, values);
    } else if (layer instanceof Activation activation) {
      return ActivationTwin.of(activation.function(), x, values);
    } else if (layer instanceof Softmax) {
      return ActivationTwin.softmax(x, values);
    } else if (layer instanceof BatchNormalization normalization) {
      return NormalizationTwin.run(normalization, x, values, parameters);
    } else if (layer instanceof Scaling scaling) {
      return scaling(scaling, x, values);
    }
    if (layer instanceof Flatten || layer instanceof Linear) {
      return new Pass(layer.outputShape(x), values, dy -> new Gradients(dy, List.of()));
    }
    throw new IllegalArgumentException("no twin of " + layer);
  }

  private static Pass sequence(
      List<Layer> layers, Shape x, double[] values, Deque<double[]> parameters) {
    List<Pass> passes = new ArrayList<>();
    Shape shape = x;
    double[] y = values;
    for (Layer layer : layers) {
      Pass pass = run(layer, shape, y, parameters);
      passes.add(pass);
      shape = pass.shape();
      y = pass.y();
    }
    return new Pass(
        shape,
        y,
        dy -> {
          List<double[]> gradients = new ArrayList<>();
          double[] gradient = dy;
          for (int i = passes.size() - 1; i >= 0; i--) {
            Gradients own = passes.get(i).backward().apply(gradient);
            gradients.addAll(0, own.parameters());
            gradient = own.dx();
          }
          return new Gradients(gradient, gradients);
        });
  }

  private static Pass residual(
      Residual residual, Shape x, double[] values, Deque<double[]> parameters) {
    Pass body = run(residual.body(), x, values, parameters);
    Pass shortcut =
        residual
            .projection()
            .map(layers -> run(layers, x, values, parameters))
            .orElse(new Pass(x, values, dy -> new Gradients(dy, List.of())));
    return new Pass(
        body.shape(),
        sum(shortcut.y(), body.y()),
        dy -> {
          Gradients ofBody = body.backward().apply(dy);
          Gradients ofShortcut = shortcut.backward().apply(dy);
          List<double[]> all = new ArrayList<>(ofBody.parameters());
          all.addAll(ofShortcut.parameters());
          return new Gradients(sum(ofBody.dx(), ofShortcut.dx()), all);
        });
  }

  private static Pass branches(
      Branches layer, Shape x, double[] values, Deque<double[]> parameters) {
    List<Pass> passes = new ArrayList<>();
    int channels = 0;
    for (List<Layer> branch : layer.branches()) {
      Pass pass = sequence(branch, x, values, parameters);
      passes.add(pass);
      channels += pass.shape().c();
    }
    Shape first = passes.get(0).shape();
    int K = channels, pixels = first.pixels();
    double[] y = new double[pixels * K];
    for (int i = 0, o = 0; i < passes.size(); o += passes.get(i).shape().c(), i++) {
      int own = passes.get(i).shape().c();
      for (int j = 0; j < pixels * own; j++) {
        y[j / own * K + o + j % own] = passes.get(i).y()[j];
      }
    }
    return new Pass(
        new Shape(first.n(), first.h(), first.w(), K),
        y,
        dy -> {
          double[] dx = new double[values.length];
          List<double[]> all = new ArrayList<>();
          for (int i = 0, o = 0; i < passes.size(); o += passes.get(i).shape().c(), i++) {
            int own = passes.get(i).shape().c();
            double[] part = new double[pixels * own];
            for (int j = 0; j < part.length; j++) {
              part[j] = dy[j / own * K + o + j % own];
            }
            Gradients gradients = passes.get(i).backward().apply(part);
            dx = sum(dx, gradients.dx());
            all.addAll(gradients.parameters());
          }
          return new Gradients(dx, all);
        });
  }

  private static double[] sum(double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = a[i] + b[i];
    }
    return y;
  }

  private static Pass convolution(
      Convolution layer, Shape x, double[] values, Deque<double[]> parameters) {
    Slide slide = Slide.of(layer.window(), x);
    Shape shape = new Shape(x.n(), slide.P(), slide.Q(), layer.filters());
    boolean turned = layer.mode() == Convolution.Mode.CONVOLUTION;
    return affine(slide, turned, x, shape, layer.bias(), values, parameters);
  }

  private static Pass dense(Dense layer, Shape x, double[] values, Deque<double[]> parameters) {
    Shape shape = new Shape(x.n(), 1, 1, layer.units());
    Slide pixel = new Slide(1, 1, 1, 1, 0, 0, 1, 1);
    return affine(pixel, false, x, shape, layer.bias(), values, parameters);
  }

  private static Pass affine(
      Slide slide,
      boolean turned,
      Shape x,
      Shape shape,
      boolean bias,
      double[] values,
      Deque<double[]> queue) {
    int C = x.c(), K = shape.c();
    double[] w = queue.remove();
    double[] b = bias ? queue.remove() : new double[K];
    double[] y = new double[(int) shape.size()];
    for (int i = 0; i < y.length; i++) {
      y[i] = b[i % K];
    }
    slide.forEachMeeting(
        x,
        (output, input, cell) -> {
          int tap = turned ? slide.R() * slide.S() - 1 - cell : cell;
          for (int c = 0; c < C; c++) {
            for (int k = 0; k < K; k++) {
              y[output * K + k] += values[input * C + c] * w[(tap * C + c) * K + k];
            }
          }
        });
    return new Pass(
        shape,
        y,
        dy -> {
          double[] dx = new double[values.length];
          double[] dw = new double[w.length];
          double[] db = new double[K];
          for (int i = 0; i < dy.length; i++) {
            db[i % K] += dy[i];
          }
          slide.forEachMeeting(
              x,
              (output, input, cell) -> {
                int tap = turned ? slide.R() * slide.S() - 1 - cell : cell;
                for (int c = 0; c < C; c++) {
                  for (int k = 0; k < K; k++) {
                    dx[input * C + c] += dy[output * K + k] * w[(tap * C + c) * K + k];
                    dw[(tap * C + c) * K + k] += dy[output * K + k] * values[input * C + c];
                  }
                }
              });
          return new Gradients(dx, bias ? List.of(dw, db) : List.of(dw));
        });
  }

  private static Pass scaling(Scaling layer, Shape x, double[] values) {
    double[] y = new double[values.length];
    for (int i = 0; i < y.length; i++) {
      int c = i % x.c();
      double mean = layer.mean().get(layer.mean().size() == 1 ? 0 : c);
      double deviation = layer.deviation().get(layer.deviation().size() == 1 ? 0 : c);
      y[i] = (values[i] - mean) / deviation;
    }
    // No layer before it has parameters, so nobody asks for the gradient of its input.
    return new Pass(x, y, dy -> new Gradients(new double[dy.length], List.of()));
  }
}
