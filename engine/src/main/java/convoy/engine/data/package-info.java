/**
 * Images in memory: packed shards, and the batches that networks take.
 *
 * <p>Uses {@code tensor}. Start at {@link convoy.engine.data.Shard}.
 */
package convoy.engine.data;
