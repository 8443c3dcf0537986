/**
 * Losses over the outputs of a network.
 *
 * <p>Uses {@code tensor}, {@code layer} and {@code settings}. Start at {@link
 * convoy.engine.loss.Loss}.
 */
package convoy.engine.loss;
