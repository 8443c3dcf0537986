/**
 * Measures of a trained network that can be counted in parts and merged in any order.
 *
 * <p>All sums are integers, so that the parts of a cluster give the same digits however the images
 * were distributed. Uses the JDK and Jackson. Start at {@link convoy.engine.evaluation.Evaluation}.
 */
package convoy.engine.evaluation;
