/**
 * Measures of a trained network that can be counted in parts and merged in any order, and what it
 * says of single images.
 *
 * <p>All sums are integers, so that the parts of a cluster give the same digits however the images
 * were distributed. Uses {@code network} and Jackson. Start at {@link
 * convoy.engine.evaluation.Evaluation}, or, to use a model, at {@link
 * convoy.engine.evaluation.Predictor}.
 */
package convoy.engine.evaluation;
