package convoy.training;

import convoy.averaging.RoundTimes;
import convoy.engine.training.TrainingMetrics;

/**
 * What the rounds of an epoch gave together, as far as they came.
 *
 * @param round number of the last of them
 * @param steps of the epoch that have been taken; all of them, unless the training is to stop
 * @param learningRate of the last step
 * @param metrics of all shards, from the epoch's beginning
 * @param imagesHere those of its images that were trained since the training began or went on
 * @param times where the time went since then
 */
record EpochOutcome(
    long round,
    int steps,
    double learningRate,
    TrainingMetrics metrics,
    long imagesHere,
    RoundTimes times) {}
