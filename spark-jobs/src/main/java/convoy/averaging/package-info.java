/**
 * Training by parameter averaging over Spark, and evaluation on the executors.
 *
 * <p>The way of the data: {@link convoy.averaging.ShardedDataset} reads Parquet rows into shards
 * that the executors keep; {@link convoy.averaging.Training} is the driver's loop over epochs and
 * rounds; {@code AveragingRound} broadcasts a state, runs a {@code ReplicaTask} on each shard and
 * averages slice by slice; {@link convoy.averaging.RunFolder} commits checkpoints; {@link
 * convoy.averaging.ModelEvaluation} counts how well a model does. Uses the engine, {@code
 * convoy.dataprep} and {@code convoy.storage}. Start at {@code Training}.
 */
package convoy.averaging;
