package convoy.averaging;

import convoy.engine.training.TrainingMetrics;

/**
 * What the rounds of an epoch gave together.
 *
 * @param round number of the last of them
 * @param learningRate of the last step
 * @param metrics of all shards
 * @param times where the time went
 */
record EpochOutcome(long round, double learningRate, TrainingMetrics metrics, RoundTimes times) {}
