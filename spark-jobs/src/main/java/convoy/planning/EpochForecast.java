package convoy.planning;

/**
 * What an epoch is expected to take, without validation and checkpoints.
 *
 * @param executors that train
 * @param shards that they train
 * @param everySteps steps between averages; 0 for once an epoch
 * @param rounds of the epoch
 * @param seconds of all
 * @param synchronizationShare of the seconds that goes into all that is not steps
 * @param broadcastBytes sent to the executors
 * @param reducedBytes of all shards' states that are averaged
 * @param driverBytes of heap that the driver needs
 * @param executorBytes of heap that each executor needs
 */
public record EpochForecast(
    int executors,
    int shards,
    int everySteps,
    int rounds,
    double seconds,
    double synchronizationShare,
    long broadcastBytes,
    long reducedBytes,
    long driverBytes,
    long executorBytes) {}
