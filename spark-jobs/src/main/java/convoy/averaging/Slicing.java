package convoy.averaging;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.ParameterLayout.Moments;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How a state is cut into slices, so that many tasks share the averaging and none holds much. The
 * statistics are in slices of their own, between layers, as a layer's means are needed where its
 * variances are pooled.
 */
public final class Slicing implements Serializable {
  /** The most that the parts of one slice take together, unless one layer's statistics do. */
  public static final long LARGEST_REDUCTION_BYTES = 64L << 20;

  private static final long LARGEST_SLICE_BYTES = 4L << 20;

  private static final long serialVersionUID = 1;

  /** Where each slice begins, and behind them where the last ends; in floats. */
  private final long[] bounds;

  private final int trainableSize;
  private final ArrayList<Moments> moments;

  /**
   * Cuts a state.
   *
   * @param stateSize floats of the whole state
   * @param sliceSize floats of each slice, or fewer; a layer's statistics may be more
   * @param trainableSize floats at the beginning of the state that are trained
   * @param moments the state's statistics, one behind the other; empty if there are none
   */
  Slicing(long stateSize, int sliceSize, int trainableSize, List<Moments> moments) {
    this.trainableSize = trainableSize;
    this.moments = new ArrayList<>(moments);
    List<Long> begins = new ArrayList<>();
    long statistics = moments.isEmpty() ? stateSize : moments.get(0).offset();
    cut(begins, 0, statistics, sliceSize);
    long begin = -1;
    long end = statistics;
    for (Moments layer : moments) {
      end = layer.offset() + 2L * layer.size();
      if (begin < 0 || end - begin > sliceSize) {
        begin = layer.offset();
        begins.add(begin);
      }
    }
    cut(begins, end, stateSize, sliceSize);
    begins.add(stateSize);
    bounds = begins.stream().mapToLong(Long::longValue).toArray();
  }

  private static void cut(List<Long> begins, long from, long to, int sliceSize) {
    for (long begin = from; begin < to; begin += sliceSize) {
      begins.add(begin);
    }
  }

  /**
   * Slices of a state that {@code shards} shards average.
   *
   * @param stateSize floats of the whole state, which begins with the parameters of {@code layout}
   */
  public static Slicing of(long stateSize, ParameterLayout layout, int shards) {
    return new Slicing(
        stateSize, sliceSize(stateSize, shards), layout.trainableSize(), layout.moments());
  }

  /** Slices of a network's statistics alone. */
  static Slicing ofStatistics(ParameterLayout layout, int shards) {
    int size = layout.statisticsSize();
    int first = layout.size() - size;
    List<Moments> moments =
        layout.moments().stream()
            .map(layer -> new Moments(layer.offset() - first, layer.size()))
            .toList();
    return new Slicing(size, sliceSize(size, shards), 0, moments);
  }

  private static int sliceSize(long stateSize, int shards) {
    long bytes = Math.min(LARGEST_SLICE_BYTES, LARGEST_REDUCTION_BYTES / shards);
    return (int) Math.min(Math.max(1, bytes / Float.BYTES), stateSize);
  }

  /** Floats of the whole state. */
  long stateSize() {
    return bounds[slices()];
  }

  /** How many slices there are. */
  public int slices() {
    return bounds.length - 1;
  }

  /** The first float of {@code slice}. */
  long from(int slice) {
    return bounds[slice];
  }

  /** Floats of {@code slice}. */
  int size(int slice) {
    return Math.toIntExact(bounds[slice + 1] - bounds[slice]);
  }

  /** Floats at the beginning of {@code slice} that are trained. */
  int trainable(int slice) {
    return (int) Math.max(0, Math.min(size(slice), trainableSize - from(slice)));
  }

  /** The statistics in {@code slice}, which holds nothing else, where they lie in it; or none. */
  List<Moments> statistics(int slice) {
    long from = bounds[slice];
    long to = bounds[slice + 1];
    return moments.stream()
        .filter(layer -> layer.offset() >= from && layer.offset() < to)
        .map(layer -> new Moments((int) (layer.offset() - from), layer.size()))
        .toList();
  }
}
