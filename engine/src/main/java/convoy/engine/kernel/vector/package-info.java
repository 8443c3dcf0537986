/**
 * The kernels in the Vector API, the only package that imports {@code jdk.incubator.vector}.
 *
 * <p>Convolutions are matrix products: over tiles that Winograd's transforms make, over patches
 * that are gathered block by block (implicit GEMM), or over the operands as they lie. Uses {@code
 * convoy.engine.kernel} alone, and is found from there by name, so that a JVM without the incubator
 * module still runs. Start at {@link convoy.engine.kernel.vector.VectorKernels} and {@link
 * convoy.engine.kernel.vector.ConvolutionAlgorithm}, then read {@code WinogradForward} and {@code
 * WinogradBackward}, {@code PatchProduct} (forward and backward data of the other shapes), {@code
 * WeightGradient} (their backward weights) and {@code MicroKernel} and {@code StridedKernel}, which
 * do nearly all of the work.
 */
package convoy.engine.kernel.vector;
