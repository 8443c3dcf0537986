package convoy.averaging;

import java.io.Serializable;

/**
 * Where a replica's loss, one of its parameters or its optimizer's state became NaN or infinite.
 *
 * @param shard number of its shard
 * @param step index of the step within the epoch
 */
record Divergence(int shard, int step) implements Serializable {}
