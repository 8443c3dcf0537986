/**
 * Evaluation of trained models on a data set, in one pass for any number of models and views.
 *
 * <p>Rows of the data set -> {@code ImageScorer} -> {@code ScoredImage} -> {@code Scores}, counted
 * on the executors in integers and merged on the driver. Uses {@code convoy.sharding}, {@code
 * convoy.cluster}, data-prep and the engine. Start at {@link convoy.evaluation.EvaluationRun}.
 */
package convoy.evaluation;
