package convoy.sharding;

import convoy.engine.data.Shard;

/**
 * What an executor keeps for one replica.
 *
 * @param training the shard that it trains on
 * @param validation the share of the validation images that it evaluates; may be empty
 */
public record ReplicaData(Shard training, Shard validation) {}
