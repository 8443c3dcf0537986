package convoy.engine.kernel.vector;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernels in the Vector API: convolutions by the {@link ConvolutionAlgorithm} of their shape,
 * pooling, ReLU, activations and batch normalisation with lanes along channels. Addition and
 * scaling are inherited: the JIT vectorises their plain loops. Pooling whose channels do not fill a
 * vector takes the plain loops too; it selects and adds in the same order, so the bits are the
 * same.
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
      return new DenseProduct(shape)
          .scratch()
          .max(new WeightGradient(shape).scratch())
          .max(new OutputGradient(shape).scratch());
    }
    ScratchSize size =
        forward(shape)
            .scratch()
            .max(new WeightGradient(shape).scratch())
            .max(new OutputGradient(shape).scratch());
    for (DataPhase phase : DataPhase.of(shape)) {
      size = size.max(backward(phase).scratch());
    }
    return size;
  }

  @Override
  public ScratchSize packedScratch(ConvolutionShape shape) {
    ScratchSize forward =
        switch (ConvolutionAlgorithm.of(shape)) {
          case WINOGRAD -> new WinogradForward(shape).scratch();
          case DENSE -> new DenseProduct(shape).scratch();
          case PATCHES -> forward(shape).scratch();
        };
    return forward.withoutShared();
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
  public Pass weightPacking(ConvolutionShape shape, Operand w, Operand packed, Workers workers) {
    return isWinograd(shape)
        ? new WinogradWeights(shape).packing(w, packed, workers)
        : Panels.weightPacking(shape, w, packed, workers);
  }

  @Override
  public Pass packedConvolutionForward(
      ConvolutionShape shape,
      int images,
      Operand x,
      Operand packed,
      Epilogue epilogue,
      Operand y,
      Workers workers) {
    return switch (ConvolutionAlgorithm.of(shape)) {
      case WINOGRAD -> new WinogradForward(shape).pass(images, x, packed, epilogue, y, workers);
      case DENSE -> new DenseProduct(shape).forward(images, x, packed, epilogue, y, workers);
      case PATCHES -> forward(shape).product(images, x, packed, epilogue, false, y, workers);
    };
  }

  @Override
  public Pass convolutionBackward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    if (isWinograd(shape)) {
      return new WinogradBackward(shape).pass(images, operands, workers);
    }
    List<Pass> passes = new ArrayList<>();
    Operand dy = operands.counted();
    passes.add(new OutputGradient(shape).pass(images, operands, workers));
    if (operands.dw().isPresent()) {
      passes.add(new WeightGradient(shape).pass(images, operands.x(), dy, operands.dw(), workers));
    }
    if (operands.dx().isPresent()) {
      passes.add(dataGradient(shape, images, operands, dy, workers));
    }
    return Pass.inOrder(passes);
  }

  private static Pass dataGradient(
      ConvolutionShape shape,
      int images,
      ConvolutionBackward operands,
      Operand dy,
      Workers workers) {
    Operand w = operands.w(), dx = operands.dx();
    boolean accumulate = operands.accumulate();
    if (isDense(shape)) {
      return new DenseProduct(shape).dataGradient(images, dy, w, accumulate, dx, workers);
    }
    List<Pass> passes = new ArrayList<>();
    Operand panels = new Operand(workers.shared(), Workers.ORIGIN);
    for (DataPhase phase : DataPhase.of(shape)) {
      Operand pixels = new Operand(dx.array(), dx.offset() + phase.origin());
      passes.add(Panels.turnedPacking(shape, phase, w, panels, workers));
      passes.add(
          backward(phase).product(images, dy, panels, Epilogue.NONE, accumulate, pixels, workers));
    }
    return Pass.inOrder(passes);
  }

  @Override
  public Pass poolingForward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand y,
      Workers workers) {
    return Pooling.fits(shape)
        ? new Pooling(function, shape).forward(images, x, y, workers)
        : super.poolingForward(function, shape, images, x, y, workers);
  }

  @Override
  public Pass poolingBackward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return Pooling.fits(shape)
        ? new Pooling(function, shape).backward(images, x, dy, accumulate, dx, workers)
        : super.poolingBackward(function, shape, images, x, dy, accumulate, dx, workers);
  }

  @Override
  public Pass reluForward(int size, Operand x, Operand y, Workers workers) {
    return Elements.reluForward(size, x, y, workers);
  }

  @Override
  public Pass reluBackward(
      int size, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    return Elements.reluBackward(size, y, dy, accumulate, dx, workers);
  }

  @Override
  public Pass activationForward(
      ActivationFunction function, int size, Operand x, Operand y, Workers workers) {
    return Activations.forward(function, size, x, y, workers);
  }

  @Override
  public Pass activationBackward(
      ActivationFunction function,
      int size,
      Operand y,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return Activations.backward(function, size, y, dy, accumulate, dx, workers);
  }

  @Override
  public Pass softmaxForward(int pixels, int c, Operand x, Operand y, Workers workers) {
    return Activations.softmaxForward(pixels, c, x, y, workers);
  }

  @Override
  public ScratchSize scratch(NormalizationShape shape) {
    return new ChannelSums(shape).scratch();
  }

  @Override
  public Pass moments(NormalizationShape shape, Operand x, Operand moments, Workers workers) {
    return new ChannelSums(shape).moments(x, moments, workers);
  }

  @Override
  public Pass normalizationForward(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand add,
      Operand y,
      Workers workers) {
    return new ChannelPasses(shape, normalization).forward(x, add, y, workers);
  }

  @Override
  public Pass normalizationSums(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand y,
      Operand dy,
      Operand sums,
      Workers workers) {
    return new ChannelSums(shape).gradients(x, normalization, y, dy, sums, workers);
  }

  @Override
  public Pass normalizationGradient(
      NormalizationShape shape,
      Operand x,
      Normalization normalization,
      Operand dy,
      Operand slopes,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    return new ChannelPasses(shape, normalization).backward(x, dy, slopes, accumulate, dx, workers);
  }
}
