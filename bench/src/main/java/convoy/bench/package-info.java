/**
 * JMH benchmarks of the engine's kernels and optimizers, at the sizes of real networks, batch 32,
 * on one thread unless {@code -p threads=N} asks convolutions for more. They take the kernels that
 * {@link convoy.engine.kernel.Kernels#best} chooses.
 *
 * <p>All of them, in about twenty minutes, or those whose names match a pattern, with JMH's
 * options:
 *
 * <pre>
 * mvn -q -pl bench -am -DskipTests -Pjmh package
 * mvn -q -pl bench -am -DskipTests -Pjmh package -Djmh="Convolution.*forward -p layer=SAME3_64_64_32"
 * </pre>
 *
 * <p>Start at {@code ConvolutionBenchmark}. {@code BuildComparison}, without JMH, holds one build
 * of the engine against another.
 */
package convoy.bench;
