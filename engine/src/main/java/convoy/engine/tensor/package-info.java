/**
 * Shapes and views of arrays. NHWC throughout.
 *
 * <p>Uses the JDK alone. Start at {@link convoy.engine.tensor.Tensor}.
 */
package convoy.engine.tensor;
