package convoy.averaging;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.ParameterLayout.Moments;
import java.io.Serializable;
import java.util.List;

/**
 * How a state is cut into slices, so that many tasks share the averaging and none holds much. The
 * statistics, few beside the weights, are a slice of their own, as a layer's means are needed where
 * its variances are pooled.
 *
 * @param stateSize floats of the whole state
 * @param sliceSize floats of each slice; the last before the statistics, and the last of all, may
 *     be shorter
 * @param trainableSize floats at the beginning of the state that are trained
 * @param moments the state's statistics, one behind the other; empty if there are none
 */
record Slicing(long stateSize, int sliceSize, int trainableSize, List<Moments> moments)
    implements Serializable {
  /** The most that the parts of one slice take together. */
  private static final long LARGEST_REDUCTION_BYTES = 64L << 20;

  private static final long LARGEST_SLICE_BYTES = 4L << 20;

  /**
   * Slices of a state that {@code shards} shards average.
   *
   * @param stateSize floats of the whole state, which begins with the parameters of {@code layout}
   */
  static Slicing of(long stateSize, ParameterLayout layout, int shards) {
    long bytes = Math.min(LARGEST_SLICE_BYTES, LARGEST_REDUCTION_BYTES / shards);
    long floats = Math.max(1, bytes / Float.BYTES);
    int sliceSize = (int) Math.min(floats, stateSize);
    return new Slicing(stateSize, sliceSize, layout.trainableSize(), layout.moments());
  }

  /** One slice of a network's statistics alone. */
  static Slicing ofStatistics(ParameterLayout layout) {
    int size = layout.statisticsSize();
    int first = layout.size() - size;
    List<Moments> moments =
        layout.moments().stream()
            .map(layer -> new Moments(layer.offset() - first, layer.size()))
            .toList();
    return new Slicing(size, size, 0, moments);
  }

  int slices() {
    int statistics = moments.isEmpty() ? 0 : 1;
    return slicesBefore() + statistics + slicesOf(stateSize - statisticsTo());
  }

  private int slicesBefore() {
    return slicesOf(statisticsFrom());
  }

  private int slicesOf(long size) {
    return Math.toIntExact((size + sliceSize - 1) / sliceSize);
  }

  private long statisticsFrom() {
    return moments.isEmpty() ? stateSize : moments.get(0).offset();
  }

  private long statisticsTo() {
    return statisticsFrom() + moments.stream().mapToLong(layer -> 2L * layer.size()).sum();
  }

  /** Whether {@code slice} holds the statistics. */
  boolean isStatistics(int slice) {
    return !moments.isEmpty() && slice == slicesBefore();
  }

  /** Where in the slice of the statistics a layer's own begin. */
  int from(Moments layer) {
    return (int) (layer.offset() - statisticsFrom());
  }

  long from(int slice) {
    int behind = slice - slicesBefore();
    if (behind <= 0) {
      return Math.min((long) slice * sliceSize, statisticsFrom());
    }
    return statisticsTo() + (behind - 1L) * sliceSize;
  }

  /** Floats at the beginning of {@code slice} that are trained. */
  int trainable(int slice) {
    return (int) Math.max(0, Math.min(size(slice), trainableSize - from(slice)));
  }

  int size(int slice) {
    long to =
        slice < slicesBefore()
            ? Math.min(from(slice) + sliceSize, statisticsFrom())
            : isStatistics(slice) ? statisticsTo() : Math.min(from(slice) + sliceSize, stateSize);
    return Math.toIntExact(to - from(slice));
  }
}
