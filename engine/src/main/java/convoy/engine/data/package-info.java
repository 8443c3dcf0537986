/**
 * Images in memory: packed shards, and the batches that networks take.
 *
 * <p>Uses {@code tensor} and {@code random}. Start at {@link convoy.engine.data.Shard}.
 */
package convoy.engine.data;
