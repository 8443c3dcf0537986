/**
 * The arithmetic of the engine, over plain float arrays.
 *
 * <p>{@link convoy.engine.kernel.Kernels} is the interface, {@link
 * convoy.engine.kernel.ScalarKernels} its reference in plain loops, and {@code kernel.vector} the
 * fast implementation, chosen once by {@link convoy.engine.kernel.Kernels#best()}. Kernels bind a
 * {@link convoy.engine.kernel.Pass} to arrays once; what runs in every step is the pass. Uses
 * {@code random}. Start at {@code Kernels}.
 */
package convoy.engine.kernel;
