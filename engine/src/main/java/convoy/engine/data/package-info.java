/**
 * Images in memory: packed shards, the batches that networks take, altered at random where that is
 * set, filters, and views for evaluation.
 *
 * <p>Uses {@code tensor}, {@code random}, {@code settings}, and {@code layer} for filters. Start at
 * {@link convoy.engine.data.Shard}.
 */
package convoy.engine.data;
