package convoy.planning;

/**
 * What the parts of a training take on the executors at hand.
 *
 * @param executors that were measured
 * @param tasksPerExecutor replicas that each of them trains at the same time
 * @param stepSeconds a step of a full batch, while all of them train
 * @param roundSeconds a round without steps, of as many shards as replicas train at the same time
 * @param roundCost what such a round takes elsewhere
 * @param stateBytes of one replica's parameters and optimizer state
 */
public record ClusterTimes(
    int executors,
    int tasksPerExecutor,
    double stepSeconds,
    double roundSeconds,
    RoundCost roundCost,
    long stateBytes) {}
