package convoy.averaging;

import java.util.List;

/**
 * Puts the averaged slices of one round, in whatever order they come, each at its place in a state.
 * So the driver holds few slices at a time beside that state.
 */
final class SliceAssembly {
  private final Slicing slicing;
  private final ModelState state;
  private final int shards;
  private final ReplicaDistances[] distances;
  private List<ShardReport> reports = List.of();
  private boolean statisticsDiverged;

  /** Of slices over {@code shards} shards; all of {@code state} is overwritten. */
  SliceAssembly(Slicing slicing, ModelState state, int shards) {
    this.slicing = slicing;
    this.state = state;
    this.shards = shards;
    distances = new ReplicaDistances[slicing.slices()];
  }

  /** Puts one slice at its place. */
  void put(AveragedSlice slice) {
    int number = slice.number();
    state.setSlice(slicing.from(number), slice.values());
    distances[number] = slice.distances();
    statisticsDiverged |= slice.diverged() && !slicing.statistics(number).isEmpty();
    if (number == 0) {
      reports = slice.reports();
    }
  }

  /** The reports of all shards, in their order. */
  List<ShardReport> reports() {
    return reports;
  }

  /**
   * How far the replicas lie from the whole average, summed in the order of the slices.
   *
   * @throws IllegalStateException if a slice is missing, or not the average of all shards
   */
  ReplicaDistances distances() {
    ReplicaDistances sum = ReplicaDistances.none(shards);
    for (int number = 0; number < distances.length; number++) {
      int averaged = distances[number] == null ? 0 : distances[number].squared().length;
      if (averaged != shards) {
        throw new IllegalStateException(
            "slice " + number + " is the average of " + averaged + " shards, wanted all " + shards);
      }
      sum = sum.plus(distances[number]);
    }
    return sum;
  }

  /** Whether pooled statistics became NaN or infinite. */
  boolean statisticsDiverged() {
    return statisticsDiverged;
  }
}
