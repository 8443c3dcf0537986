/**
 * Update rules over flat arrays.
 *
 * <p>An optimizer is a record of settings; what it carries from step to step is in {@link
 * convoy.engine.optimizer.OptimizerState}. A {@link convoy.engine.optimizer.Schedule} changes its
 * learning rate over a training. Uses {@code settings}. Start at {@link
 * convoy.engine.optimizer.Optimizer}.
 */
package convoy.engine.optimizer;
