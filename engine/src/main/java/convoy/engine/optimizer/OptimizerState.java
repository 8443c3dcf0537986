package convoy.engine.optimizer;

/**
 * What an optimizer carries from step to step.
 *
 * @param slots one array for each slot of the optimizer, each as long as the trainable parameters;
 *     written by the optimizer
 */
public record OptimizerState(float[][] slots) {}
