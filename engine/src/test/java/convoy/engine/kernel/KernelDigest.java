package convoy.engine.kernel;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Prints a digest of the bits that each kernel computes, so that JVMs can be compared. */
final class KernelDigest {
  private static final int IMAGES = 3;

  private KernelDigest() {}

  /** Computes everything as often as the argument says, for the JIT, and expects the same bits. */
  public static void main(String[] arguments) throws NoSuchAlgorithmException {
    for (Kernels kernels : KernelCases.kernels()) {
      String digest = digest(kernels);
      for (int run = 1; run < Integer.parseInt(arguments[0]); run++) {
        if (!digest.equals(digest(kernels))) {
          throw new IllegalStateException(kernels.name() + ": other bits in run " + run);
        }
      }
      System.out.println(kernels.name() + " " + digest);
    }
  }

  private static String digest(Kernels kernels) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    convolve(kernels, ConvolutionShape.dense(450, 35), digest);
    convolve(kernels, ConvolutionShape.dense(70, 448), digest);
    Window pixel = new Window(1, 1, 1, 1, 0, 0, 0, 0);
    convolve(kernels, new ConvolutionShape(4, 6, 16, 64, pixel, 18, 67), digest);
    Window three = new Window(3, 3, 1, 1, 1, 1, 1, 1);
    convolve(kernels, new ConvolutionShape(9, 8, 11, 18, three, 11, 18), digest);
    convolve(kernels, new ConvolutionShape(4, 6, 3, 64, three, 3, 64), digest);
    convolve(kernels, new ConvolutionShape(9, 10, 20, 37, three, 21, 39), digest);
    convolve(kernels, new ConvolutionShape(9, 8, 131, 5, three, 131, 5), digest);
    convolve(kernels, new ConvolutionShape(5, 9, 131, 130, three, 131, 130), digest);
    Window strided = new Window(3, 2, 2, 3, 0, 1, 1, 0);
    convolve(kernels, new ConvolutionShape(8, 7, 16, 32, strided, 17, 33), digest);
    visitElements(kernels, digest);
    normalize(kernels, new NormalizationShape(700, 150, 151, 153), digest);
    normalize(kernels, new NormalizationShape(37, 35, 35, 35), digest);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void convolve(Kernels kernels, ConvolutionShape shape, MessageDigest digest) {
    int inputs = IMAGES * shape.h() * shape.w(), outputs = IMAGES * shape.p() * shape.q();
    float[] x = KernelCases.numbers(inputs * shape.xPixelStride(), 1), dx = x.clone();
    float[] w = KernelCases.numbers(shape.taps() * shape.k(), 2), dw = new float[w.length];
    float[] dy = KernelCases.numbers(outputs * shape.yPixelStride(), 3), y = dy.clone();
    float[] db = new float[shape.k()];
    try (Workers workers = new Workers(2, kernels.scratch(shape))) {
      Epilogue epilogue = Epilogue.of(new Operand(w, 0), true);
      kernels
          .convolutionForward(
              shape,
              IMAGES,
              new Operand(x, 0),
              new Operand(w, 0),
              epilogue,
              new Operand(y, 0),
              workers)
          .run();
      ConvolutionBackward operands =
          new ConvolutionBackward(
              new Operand(x, 0),
              new Operand(w, 0),
              new Operand(y, 0),
              new Operand(dy, 0),
              new Operand(dw, 0),
              new Operand(db, 0),
              new Operand(dx, 0),
              true);
      kernels.convolutionBackward(shape, IMAGES, operands, workers).run();
    }
    update(digest, y);
    update(digest, dx);
    update(digest, dw);
    update(digest, db);
  }

  private static void visitElements(Kernels kernels, MessageDigest digest) {
    int c = 19, pixels = IMAGES * 36, size = pixels * c;
    Operand x = new Operand(KernelCases.numbers(size, 1), 0);
    Operand y = new Operand(new float[size], 0), dx = new Operand(x.array().clone(), 0);
    Operand pooled = new Operand(new float[size], 0);
    float[] factor = KernelCases.numbers(c, 2);
    PoolingShape pooling = new PoolingShape(6, 6, c, new Window(3, 3, 2, 2, 1, 1, 0, 0), c, c);
    ResponseNormalization normalization = new ResponseNormalization(5, 0.1f, 0.75f, 2);
    try (Workers workers = new Workers(2, new ScratchSize(normalization.scratch(c), 0))) {
      for (PoolingFunction function : PoolingFunction.values()) {
        kernels.poolingForward(function, pooling, IMAGES, x, pooled, workers).run();
        update(digest, pooled.array());
        kernels.poolingBackward(function, pooling, IMAGES, x, x, true, dx, workers).run();
      }
      kernels.scaling(pixels, c, x, factor, factor, y, workers).run();
      kernels.addition(size, y, dx, dx, workers).run();
      kernels.reluForward(size, y, y, workers).run();
      kernels.reluBackward(size, y, x, true, dx, workers).run();
      for (ActivationFunction function : ActivationFunction.values()) {
        kernels.activationForward(function, size, x, pooled, workers).run();
        kernels.activationBackward(function, size, pooled, y, true, dx, workers).run();
        update(digest, pooled.array());
      }
      kernels.responseNormalizationForward(normalization, pixels, c, x, x, workers).run();
      kernels
          .responseNormalizationBackward(normalization, pixels, c, x, y, true, dx, workers)
          .run();
      kernels.softmaxForward(pixels, c, x, x, workers).run();
      kernels.softmaxBackward(pixels, c, x, y, true, dx, workers).run();
    }
    update(digest, x.array());
    update(digest, y.array());
    update(digest, dx.array());
  }

  private static void normalize(Kernels kernels, NormalizationShape shape, MessageDigest digest) {
    int C = shape.c();
    float[] x = KernelCases.numbers(shape.pixels() * shape.xPixelStride(), 1), dx = x.clone();
    float[] dy = KernelCases.numbers(shape.pixels() * shape.yPixelStride(), 2), y = dy.clone();
    float[] channels = KernelCases.numbers(3 * C, 3), moments = new float[4 * C];
    Operand mean = new Operand(moments, 0), sums = new Operand(moments, 2 * C);
    Operand scale = new Operand(channels, C), shift = new Operand(channels, 2 * C);
    Normalization normalization = new Normalization(mean, scale, shift, true);
    try (Workers workers = new Workers(2, kernels.scratch(shape))) {
      Operand input = new Operand(x, 0), gradient = new Operand(dy, 0), output = new Operand(y, 0);
      kernels.moments(shape, input, mean, workers).run();
      kernels.normalizationForward(shape, input, normalization, gradient, output, workers).run();
      Normalization linear = new Normalization(mean, scale, shift, false);
      kernels.normalizationSums(shape, input, linear, output, gradient, sums, workers).run();
      update(digest, moments);
      Operand none = Operand.NONE;
      kernels.normalizationSums(shape, input, normalization, none, gradient, sums, workers).run();
      kernels
          .normalizationGradient(
              shape, input, normalization, gradient, sums, true, new Operand(dx, 0), workers)
          .run();
    }
    update(digest, moments);
    update(digest, y);
    update(digest, dx);
  }

  private static void update(MessageDigest digest, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    digest.update(bytes);
  }
}
