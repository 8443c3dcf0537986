package convoy.averaging;

import java.io.Serializable;

/**
 * How a state is cut into slices, so that many tasks share the averaging and none holds much.
 *
 * @param stateSize floats of the whole state
 * @param sliceSize floats of each slice but the last, which may be shorter
 */
record Slicing(long stateSize, int sliceSize) implements Serializable {
  /** The most that the parts of one slice take together. */
  private static final long LARGEST_REDUCTION_BYTES = 64L << 20;

  private static final long LARGEST_SLICE_BYTES = 4L << 20;

  /** Slices of a state of {@code stateSize} floats that {@code shards} shards average. */
  static Slicing of(long stateSize, int shards) {
    long bytes = Math.min(LARGEST_SLICE_BYTES, LARGEST_REDUCTION_BYTES / shards);
    long floats = Math.max(1, bytes / Float.BYTES);
    return new Slicing(stateSize, (int) Math.min(floats, stateSize));
  }

  int slices() {
    return Math.toIntExact((stateSize + sliceSize - 1) / sliceSize);
  }

  long from(int slice) {
    return (long) slice * sliceSize;
  }

  int size(int slice) {
    return (int) Math.min(sliceSize, stateSize - from(slice));
  }
}
