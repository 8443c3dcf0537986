package convoy.engine.kernel.vector;

import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The passes of a normalisation that visit each element once, with the lanes along channels, pixel
 * after pixel.
 *
 * @param shape the sizes
 * @param normalization of each channel
 */
record ChannelPasses(NormalizationShape shape, Normalization normalization) {
  /** Floats in a part. */
  private static final int PART = 1 << 14;

  private static final int WIDTH = MicroKernel.WIDTH;

  /** See {@link convoy.engine.kernel.Kernels#normalizationForward}. */
  Pass forward(Operand x, Operand add, Operand y, Workers workers) {
    boolean adds = add.isPresent(), relu = normalization.relu();
    float[] mean = normalization.mean().array(), scale = normalization.scale().array();
    float[] shift = normalization.shift().array(), in = x.array(), out = y.array();
    float[] summand = add.array();
    int meanAt = normalization.mean().offset(), scaleAt = normalization.scale().offset();
    int shiftAt = normalization.shift().offset(), C = shape.c();
    return workers.pass(
        parts(),
        (part, worker) -> {
          int first = part * pixelsInPart(), count = pixels(first);
          for (int pixel = first; pixel < first + count; pixel++) {
            int from = x.offset() + pixel * shape.xPixelStride();
            int output = pixel * shape.yPixelStride();
            int to = y.offset() + output, other = add.offset() + output;
            int c = 0;
            for (; c <= C - WIDTH; c += WIDTH) {
              FloatVector centred = load(in, from + c).sub(load(mean, meanAt + c));
              FloatVector value =
                  centred.mul(load(scale, scaleAt + c)).add(load(shift, shiftAt + c));
              if (adds) {
                value = value.add(load(summand, other + c));
              }
              (relu ? Elements.relu(value) : value).intoArray(out, to + c);
            }
            for (; c < C; c++) {
              float centred = in[from + c] - mean[meanAt + c];
              float value = centred * scale[scaleAt + c] + shift[shiftAt + c];
              if (adds) {
                value += summand[other + c];
              }
              out[to + c] = relu && value < 0 ? 0 : value;
            }
          }
        });
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(MicroKernel.LANES, array, at);
  }

  /** See {@link convoy.engine.kernel.Kernels#normalizationGradient}. */
  Pass backward(
      Operand x, Operand dy, Operand slopes, boolean accumulate, Operand dx, Workers workers) {
    return workers.pass(
        parts(),
        (part, worker) -> {
          int first = part * pixelsInPart(), count = pixels(first);
          for (int pixel = first; pixel < first + count; pixel++) {
            int input = pixel * shape.xPixelStride();
            int output = dy.offset() + pixel * shape.yPixelStride();
            backward(x, input, dy.array(), output, slopes, accumulate, dx);
          }
        });
  }

  private void backward(
      Operand x,
      int input,
      float[] dy,
      int output,
      Operand slopes,
      boolean accumulate,
      Operand dx) {
    float[] mean = normalization.mean().array(), scale = normalization.scale().array();
    float[] shift = normalization.shift().array(), in = x.array(), out = dx.array();
    int meanAt = normalization.mean().offset(), scaleAt = normalization.scale().offset();
    int shiftAt = normalization.shift().offset(), C = shape.c();
    int from = x.offset() + input, to = dx.offset() + input;
    boolean relu = normalization.relu(), centres = slopes.isPresent();
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    int c = 0;
    for (; c <= C - WIDTH; c += WIDTH) {
      FloatVector gradient = load(dy, output + c), factor = load(scale, scaleAt + c);
      if (centres || relu) {
        FloatVector centred = load(in, from + c).sub(load(mean, meanAt + c));
        if (relu) {
          FloatVector value = centred.mul(factor).add(load(shift, shiftAt + c));
          gradient = zero.blend(gradient, value.compare(VectorOperators.GT, 0));
        }
        if (centres) {
          int at = slopes.offset() + c;
          FloatVector slope = load(slopes.array(), at + C).mul(centred);
          gradient = gradient.sub(load(slopes.array(), at)).sub(slope);
        }
      }
      gradient = factor.mul(gradient);
      if (accumulate) {
        gradient = load(out, to + c).add(gradient);
      }
      gradient.intoArray(out, to + c);
    }
    for (; c < C; c++) {
      float gradient = dy[output + c], factor = scale[scaleAt + c];
      if (centres || relu) {
        float centred = in[from + c] - mean[meanAt + c];
        if (relu && !(centred * factor + shift[shiftAt + c] > 0)) {
          gradient = 0;
        }
        if (centres) {
          int at = slopes.offset() + c;
          gradient = gradient - slopes.array()[at] - slopes.array()[at + C] * centred;
        }
      }
      gradient = factor * gradient;
      out[to + c] = accumulate ? out[to + c] + gradient : gradient;
    }
  }

  private int pixelsInPart() {
    return Math.max(1, PART / shape.c());
  }

  private int parts() {
    return (shape.pixels() - 1) / pixelsInPart() + 1;
  }

  /** Pixels of the part that begins at {@code first}. */
  private int pixels(int first) {
    return Math.min(pixelsInPart(), shape.pixels() - first);
  }
}
