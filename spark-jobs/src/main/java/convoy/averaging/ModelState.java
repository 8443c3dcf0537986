package convoy.averaging;

import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;

/**
 * What a round starts from and what it ends with: the arrays of the parameters and of the optimizer
 * state. For averaging they count as one long row of floats, parameters first.
 *
 * @param parameters all parameters
 * @param slots the optimizer's arrays; none where it starts anew in each round
 */
record ModelState(float[] parameters, float[][] slots) {

  static ModelState of(Parameters parameters, OptimizerState state) {
    return new ModelState(parameters.values(), state.slots());
  }

  /** Number of floats of the whole row. */
  long size() {
    long size = parameters.length;
    for (float[] slot : slots) {
      size += slot.length;
    }
    return size;
  }

  /** Bytes of the whole row. */
  long sizeBytes() {
    return size() * Float.BYTES;
  }

  /** Writes this state over {@code parameters} and {@code state}. */
  void copyTo(Parameters parameters, OptimizerState state) {
    System.arraycopy(this.parameters, 0, parameters.values(), 0, this.parameters.length);
    for (int i = 0; i < slots.length; i++) {
      System.arraycopy(slots[i], 0, state.slots()[i], 0, slots[i].length);
    }
  }

  /** A copy of the floats [from, from + size) of the row. */
  float[] slice(long from, int size) {
    float[] slice = new float[size];
    copy(from, slice, true);
    return slice;
  }

  /** Writes {@code slice} over the floats from {@code from} on. */
  void setSlice(long from, float[] slice) {
    copy(from, slice, false);
  }

  /** Copies between the row and {@code slice}, array by array. */
  private void copy(long from, float[] slice, boolean out) {
    long start = 0;
    for (int i = -1; i < slots.length; i++) {
      float[] array = i < 0 ? parameters : slots[i];
      long low = Math.max(from, start);
      long high = Math.min(from + slice.length, start + array.length);
      if (low < high) {
        int inArray = (int) (low - start);
        int inSlice = (int) (low - from);
        int length = (int) (high - low);
        if (out) {
          System.arraycopy(array, inArray, slice, inSlice, length);
        } else {
          System.arraycopy(slice, inSlice, array, inArray, length);
        }
      }
      start += array.length;
    }
  }

  /** A state of the same sizes, all zeros. */
  ModelState blank() {
    float[][] blank = new float[slots.length][];
    for (int i = 0; i < slots.length; i++) {
      blank[i] = new float[slots[i].length];
    }
    return new ModelState(new float[parameters.length], blank);
  }
}
