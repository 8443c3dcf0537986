package convoy.engine.kernel.vector;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Window;
import convoy.engine.kernel.Workers;

/**
 * The kernels in the Vector API: convolutions by the {@link ConvolutionAlgorithm} of their shape,
 * pooling and ReLU with lanes along channels. Addition and scaling are inherited: the JIT
 * vectorises their plain loops. Pooling whose channels do not fill whole vectors takes the plain
 * loops too; it selects and adds in the same order, so the bits are the same.
 */
public final class VectorKernels extends ScalarKernels {
  private static final int LEAST_LANES = 4;

  /**
   * Kernels for this machine's preferred lanes.
   *
   * @throws IllegalStateException if those hold fewer than four floats
   */
  public VectorKernels() {
    if (MicroKernel.WIDTH < LEAST_LANES) {
      throw new IllegalStateException(
          "its lanes hold " + MicroKernel.WIDTH + " floats, wanted at least " + LEAST_LANES);
    }
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "vector kernels ("
        + MicroKernel.WIDTH * Float.SIZE
        + "-bit lanes, "
        + MicroKernel.ROWS
        + "x"
        + MicroKernel.COLUMNS
        + " register block)";
  }

  @Override
  public ScratchSize scratch(ConvolutionShape shape) {
    if (isWinograd(shape)) {
      return new WinogradForward(shape).scratch().max(new WinogradBackward(shape).scratch());
    }
    if (isDense(shape)) {
      return new DenseProduct(shape).scratch().max(new WeightGradient(shape).scratch());
    }
    Window window = shape.window();
    ScratchSize size = forward(shape).scratch().max(new WeightGradient(shape).scratch());
    for (int row = 0; row < Math.min(window.strideH(), shape.h()); row++) {
      for (int column = 0; column < Math.min(window.strideW(), shape.w()); column++) {
        size = size.max(backward(new DataPhase(shape, row, column)).scratch());
      }
    }
    return size;
  }

  @Override
  public long executedMultiplications(ConvolutionShape shape) {
    return switch (ConvolutionAlgorithm.of(shape)) {
      case WINOGRAD ->
          (long) WinogradTransforms.POINTS
              * new WinogradTiles(shape).perImage()
              * shape.c()
              * shape.k();
      case DENSE, PATCHES -> shape.multiplications();
    };
  }

  private static boolean isDense(ConvolutionShape shape) {
    return ConvolutionAlgorithm.of(shape) == ConvolutionAlgorithm.DENSE;
  }

  private static boolean isWinograd(ConvolutionShape shape) {
    return ConvolutionAlgorithm.of(shape) == ConvolutionAlgorithm.WINOGRAD;
  }

  private static PatchProduct forward(ConvolutionShape shape) {
    int pixel = shape.yPixelStride(), line = shape.q() * pixel;
    Target target = new Target(shape.p(), shape.q(), shape.p() * line, line, pixel);
    return new PatchProduct(Patches.ofInput(shape), shape.k(), target);
  }

  private static PatchProduct backward(DataPhase phase) {
    return new PatchProduct(phase.patches(), phase.shape().c(), phase.target());
  }

  @Override
  public int packedSize(ConvolutionShape shape) {
    return switch (ConvolutionAlgorithm.of(shape)) {
      case WINOGRAD -> new WinogradWeights(shape).size();
      case DENSE -> 0;
      case PATCHES -> forward(shape).panelsSize();
    };
  }

  @Override
  public void packWeights(ConvolutionShape shape, Operand w, Operand packed, Workers workers) {
    if (isWinograd(shape)) {
      new WinogradWeights(shape).pack(w, packed, workers);
    } else {
      Panels.packWeights(shape, w, packed, workers);
    }
  }

  @Override
  public void convolutionForward(
      ConvolutionShape shape,
      int images,
      float[] x,
      int xOffset,
      Operand weights,
      Epilogue epilogue,
      float[] y,
      int yOffset,
      Workers workers) {
    switch (ConvolutionAlgorithm.of(shape)) {
      case WINOGRAD ->
          new WinogradForward(shape)
              .compute(images, x, xOffset, weights, epilogue, y, yOffset, workers);
      case DENSE ->
          new DenseProduct(shape)
              .forward(images, x, xOffset, weights, epilogue, y, yOffset, workers);
      case PATCHES ->
          forward(shape)
              .multiply(images, x, xOffset, weights, epilogue, false, y, yOffset, workers);
    }
  }

  @Override
  public void convolutionBackward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    if (isWinograd(shape)) {
      new WinogradBackward(shape).compute(images, operands, workers);
      return;
    }
    Operand y = operands.y(), dy = operands.dy();
    if (y.isPresent()) {
      Elements.mask(
          images * shape.p() * shape.q(), shape.k(), shape.yPixelStride(), y, dy, workers);
      dy = y;
    }
    if (operands.db().isPresent()) {
      Elements.biasGradient(shape, images, dy, operands.db(), workers);
    }
    if (operands.dw().isPresent()) {
      new WeightGradient(shape).compute(images, operands.x(), dy, operands.dw(), workers);
    }
    if (operands.dx().isPresent()) {
      dataGradient(shape, images, operands, dy, workers);
    }
  }

  private static void dataGradient(
      ConvolutionShape shape,
      int images,
      ConvolutionBackward operands,
      Operand dy,
      Workers workers) {
    Operand dx = operands.dx();
    if (isDense(shape)) {
      new DenseProduct(shape)
          .dataGradient(images, dy, operands.w(), operands.accumulate(), dx, workers);
      return;
    }
    Window window = shape.window();
    for (int row = 0; row < Math.min(window.strideH(), shape.h()); row++) {
      for (int column = 0; column < Math.min(window.strideW(), shape.w()); column++) {
        DataPhase phase = new DataPhase(shape, row, column);
        Operand panels = new Operand(workers.shared(), Workers.ORIGIN);
        Panels.packTurned(shape, phase, operands.w(), panels, workers);
        backward(phase)
            .multiply(
                images,
                dy.array(),
                dy.offset(),
                panels,
                Epilogue.NONE,
                operands.accumulate(),
                dx.array(),
                dx.offset() + phase.origin(),
                workers);
      }
    }
  }

  @Override
  public void poolingForward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    if (Pooling.fits(shape)) {
      new Pooling(function, shape).forward(images, x, xOffset, y, yOffset, workers);
    } else {
      super.poolingForward(function, shape, images, x, xOffset, y, yOffset, workers);
    }
  }

  @Override
  public void poolingBackward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    if (Pooling.fits(shape)) {
      new Pooling(function, shape)
          .backward(images, x, xOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
    } else {
      super.poolingBackward(
          function, shape, images, x, xOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
    }
  }

  @Override
  public void reluForward(
      int size, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    Elements.reluForward(size, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void reluBackward(
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    Elements.reluBackward(size, y, yOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
  }

  @Override
  public void activationForward(
      ActivationFunction function,
      int size,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    Activations.forward(function, size, x, xOffset, y, yOffset, workers);
  }

  @Override
  public void activationBackward(
      ActivationFunction function,
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    Activations.backward(
        function, size, y, yOffset, dy, dyOffset, accumulate, dx, dxOffset, workers);
  }

  @Override
  public void softmaxForward(
      int pixels, int c, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    Activations.softmaxForward(pixels, c, x, xOffset, y, yOffset, workers);
  }

  @Override
  public ScratchSize scratch(NormalizationShape shape) {
    return new ChannelSums(shape).scratch();
  }

  @Override
  public void moments(NormalizationShape shape, Operand x, Operand moments, Workers workers) {
    new ChannelSums(shape).moments(x, moments, workers);
  }

  @Override
  public void normalize(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Workers workers) {
    new ChannelPasses(shape, normalization).forward(x, y, workers);
  }

  @Override
  public void normalizationSums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand sums,
      Workers workers) {
    new ChannelSums(shape).gradients(x, normalization, dy, sums, workers);
  }

  @Override
  public void normalizationGradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    new ChannelPasses(shape, normalization).backward(x, dy, slopes, accumulate, dx, workers);
  }
}
