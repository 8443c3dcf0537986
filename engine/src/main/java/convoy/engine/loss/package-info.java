/**
 * Losses over the scores of a network.
 *
 * <p>Uses {@code tensor}. Start at {@link convoy.engine.loss.SoftmaxCrossEntropy}.
 */
package convoy.engine.loss;
