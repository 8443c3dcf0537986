/**
 * The settings of a training and the loop that trains one replica.
 *
 * <p>Uses the packages {@code network}, {@code loss}, {@code optimizer}, {@code data} and {@code
 * settings}. Start at {@link convoy.engine.training.TrainingConfig}.
 */
package convoy.engine.training;
