/**
 * What an epoch will take on a cluster, and how often to average, before a training begins.
 *
 * <p>{@link convoy.planning.Calibrator} times rounds of trial images here, {@link
 * convoy.planning.RoundCost} fits their costs, and {@link convoy.planning.EpochSimulation} puts
 * them together for other numbers of executors and shards. Uses {@code convoy.training}, {@code
 * convoy.averaging} and {@code convoy.cluster}. Start at {@code Calibrator}.
 */
package convoy.planning;
