/**
 * From the rows of a data set to the shards that the executors keep.
 *
 * <p>The way of the data: Parquet rows -> {@link convoy.sharding.LabelledImage} -> {@link
 * convoy.sharding.RowUse} tells training from validation -> {@code Packing} -> {@link
 * convoy.sharding.ReplicaData}, one for each shard, dealt anew as {@link convoy.sharding.Deal}
 * says. Uses {@code convoy.dataprep}, the engine and {@code convoy.cluster}. Start at {@link
 * convoy.sharding.ShardedDataset}.
 */
package convoy.sharding;
