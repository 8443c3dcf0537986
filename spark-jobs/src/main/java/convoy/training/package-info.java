/**
 * A training from its settings to its last checkpoint: the driver's loop over epochs and rounds.
 *
 * <p>{@link convoy.training.TrainingRequest} says what is wanted, {@link convoy.training.Training}
 * checks it, goes on from a checkpoint if there is one, and hands over to {@code EpochLoop}; {@code
 * EpochRounds} runs the rounds of an epoch and {@code RunWriter} commits what they led to. Uses
 * {@code convoy.averaging}, {@code convoy.sharding}, {@code convoy.run} and {@code convoy.cluster}.
 * Start at {@code Training}.
 */
package convoy.training;
