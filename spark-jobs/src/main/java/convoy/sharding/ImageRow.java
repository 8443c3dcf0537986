package convoy.sharding;

/**
 * One labelled image on its way to its shard.
 *
 * @param validation whether it is for validation, not for training
 * @param position its place in the shard
 * @param label its class
 * @param pixels uint8, RGB, height x width x channels
 */
public record ImageRow(boolean validation, int position, int label, byte[] pixels) {}
