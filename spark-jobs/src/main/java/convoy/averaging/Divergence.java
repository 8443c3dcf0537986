package convoy.averaging;

import java.io.Serializable;

/**
 * Where a replica's loss or one of its parameters became NaN or infinite.
 *
 * @param shard number of its shard
 * @param step index of the step within the epoch
 */
record Divergence(int shard, int step) implements Serializable {}
