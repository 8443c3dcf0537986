/**
 * What the rest asks of Spark's executors: their cores, their answers, and what a process keeps
 * from task to task.
 *
 * <p>Knows nothing of data sets, networks or rounds. Uses Spark and the engine's choice of kernels.
 * Start at {@link convoy.cluster.ExecutorWait} and {@link convoy.cluster.Pool}.
 */
package convoy.cluster;
