package convoy.averaging;

import java.util.List;

/**
 * What a round gave beside the average.
 *
 * @param reports of all shards, in their order
 * @param distances of the replicas to the average
 * @param times where the time went
 */
public record RoundResult(
    List<ShardReport> reports, ReplicaDistances distances, RoundTimes times) {}
