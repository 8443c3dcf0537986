package convoy.averaging;

import java.util.List;

/**
 * What a round gave.
 *
 * @param state the average
 * @param reports of all shards, in their order
 * @param distances of the replicas to the average
 * @param times where the time went
 */
record RoundResult(
    ModelState state, List<ShardReport> reports, ReplicaDistances distances, RoundTimes times) {}
