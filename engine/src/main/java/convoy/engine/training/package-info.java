/**
 * <<<<<<< HEAD The settings of a training and the loop that trains one replica.
 *
 * <p>Uses the packages {@code network}, {@code loss}, {@code optimizer}, {@code data} and {@code
 * settings}. Start at {@link convoy.engine.training.TrainingConfig}. ======= Training of one
 * replica, and the configuration of a whole training.
 *
 * <p>Uses all packages of the engine but {@code evaluation} and {@code checkpoint}. Start at {@link
 * convoy.engine.training.LocalTrainer}. >>>>>>> dc55485 (wip)
 */
package convoy.engine.training;
