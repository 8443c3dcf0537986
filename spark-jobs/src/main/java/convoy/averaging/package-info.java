/**
 * One round of parameter averaging: broadcast, local steps, average.
 *
 * <p>The way of the data: {@link convoy.averaging.AveragingRound} broadcasts the state that {@link
 * convoy.averaging.CarriedState} holds, runs a {@code ReplicaTask} on each shard, and averages what
 * they trained slice by slice ({@link convoy.averaging.Slicing}, {@code SliceReduction}); {@link
 * convoy.averaging.RoundFigures} says what came out, for the log and the metrics. {@link
 * convoy.averaging.ModelEvaluation} counts on the same shards how well a model does. Uses the
 * engine, {@code convoy.sharding} and {@code convoy.cluster}. Start at {@code AveragingRound}.
 */
package convoy.averaging;
