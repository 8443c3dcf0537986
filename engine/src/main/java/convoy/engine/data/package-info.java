/**
 * Images in memory: packed shards, the batches that networks take, filters, and views for
 * evaluation.
 *
 * <p>Uses {@code tensor}, and {@code layer} for filters. Start at {@link convoy.engine.data.Shard}.
 */
package convoy.engine.data;
