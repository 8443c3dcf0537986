package convoy.engine.network;

import convoy.engine.kernel.Workers;
import convoy.engine.layer.Backward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Gives each value and each gradient of a plan a buffer, such that what is alive at the same tick
 * never shares one, but for gradients that a step passes on as they are. Buffers are taken greedily
 * in the order of first use: the free one whose size fits best, a new one if none is free.
 */
final class MemoryPlan {
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8 - Workers.ORIGIN;

  /** What occupies a buffer from tick {@code first} to tick {@code last}, both included. */
  private record Occupant(int value, boolean gradient, int size, int first, int last) {}

  private final int[] buffers;
  private final int[] gradientBuffers;

  /** For each value, the one in the place of whose gradient its own lies: mostly itself. */
  private final int[] gradientPlaces;

  private final List<Integer> sizes = new ArrayList<>();

  MemoryPlan(
      List<Plan.Step> steps,
      List<Graph.Value> values,
      int outputValue,
      int batchSize,
      Plan.Mode mode) {
    gradientPlaces = gradientPlaces(steps, values);
    int count = values.size();
    int ticks = steps.size();
    int[] first = new int[count];
    int[] last = new int[count];
    int[] gradientFirst = new int[count];
    int[] gradientLast = new int[count];
    Arrays.fill(first, Integer.MAX_VALUE);
    Arrays.fill(last, -1);
    Arrays.fill(gradientFirst, Integer.MAX_VALUE);
    Arrays.fill(gradientLast, -1);
    int output = values.get(outputValue).storage();
    first[0] = 0;
    last[0] = 0;
    for (int i = 0; i < ticks; i++) {
      Plan.Step step = steps.get(i);
      int backward = 2 * ticks - i;
      int made = values.get(step.output()).storage();
      first[made] = Math.min(first[made], i);
      last[made] = Math.max(last[made], i);
      if (step.hasGradient()) {
        int place = gradientPlaces[made];
        gradientLast[place] = Math.max(gradientLast[place], backward);
        if (step.operation().backwardReadsOutput()) {
          last[made] = Math.max(last[made], backward);
        }
      }
      for (int j = 0; j < step.inputs().size(); j++) {
        int input = values.get(step.inputs().get(j)).storage();
        boolean kept = step.hasGradient() && step.backwardReadsInput(j);
        last[input] = Math.max(last[input], kept ? backward : i);
        if (step.inputGradients().get(j) != Backward.Mode.UNWANTED) {
          int place = gradientPlaces[input];
          gradientFirst[place] = Math.min(gradientFirst[place], backward);
        }
      }
    }
    last[output] = Math.max(last[output], ticks);
    if (mode == Plan.Mode.TRAINING) {
      gradientFirst[output] = ticks;
    }
    List<Occupant> occupants = new ArrayList<>();
    for (int v = 0; v < count; v++) {
      int size = size(values.get(v), batchSize);
      if (first[v] != Integer.MAX_VALUE) {
        occupants.add(new Occupant(v, false, size, first[v], last[v]));
      }
      if (gradientLast[v] >= 0 && gradientFirst[v] != Integer.MAX_VALUE) {
        occupants.add(new Occupant(v, true, size, gradientFirst[v], gradientLast[v]));
      }
    }
    buffers = new int[count];
    gradientBuffers = new int[count];
    Arrays.fill(buffers, -1);
    Arrays.fill(gradientBuffers, -1);
    place(occupants);
  }

  /** Passes gradients on from the output of a step to an input, from the last step to the first. */
  private static int[] gradientPlaces(List<Plan.Step> steps, List<Graph.Value> values) {
    int[] places = new int[values.size()];
    Arrays.setAll(places, v -> v);
    for (int i = steps.size() - 1; i >= 0; i--) {
      Plan.Step step = steps.get(i);
      int[] inputs = step.inputs().stream().mapToInt(v -> values.get(v).storage()).toArray();
      for (int j = 0; j < inputs.length; j++) {
        int input = inputs[j];
        if (step.operation().backwardPassesOn(j)
            && values.get(step.output()).storage() == step.output()
            && step.inputGradients().get(j) == Backward.Mode.OVERWRITE
            && Arrays.stream(inputs).filter(v -> v == input).count() == 1) {
          places[input] = places[step.output()];
        }
      }
    }
    return places;
  }

  private static int size(Graph.Value value, int batchSize) {
    return checkedSize(value.shape().withImages(batchSize).size(), batchSize);
  }

  /**
   * The number of floats in an array for a batch of {@code batchSize} images.
   *
   * @throws IllegalArgumentException if {@code size} exceeds an array
   */
  static int checkedSize(long size, int batchSize) {
    if (size > LARGEST_ARRAY) {
      throw new IllegalArgumentException(
          "a batch of "
              + batchSize
              + " images makes a value of "
              + size
              + " floats, at most "
              + LARGEST_ARRAY
              + " fit an array: use a smaller batch");
    }
    return (int) size;
  }

  private void place(List<Occupant> occupants) {
    occupants.sort(Comparator.comparingInt(Occupant::first).thenComparingInt(Occupant::value));
    List<Integer> freeFrom = new ArrayList<>();
    for (Occupant occupant : occupants) {
      int best = -1;
      for (int b = 0; b < sizes.size(); b++) {
        if (freeFrom.get(b) <= occupant.first()
            && (best < 0 || waste(b, occupant) < waste(best, occupant))) {
          best = b;
        }
      }
      if (best < 0) {
        best = sizes.size();
        sizes.add(0);
        freeFrom.add(0);
      }
      sizes.set(best, Math.max(sizes.get(best), occupant.size()));
      freeFrom.set(best, occupant.last() + 1);
      (occupant.gradient() ? gradientBuffers : buffers)[occupant.value()] = best;
    }
  }

  private int waste(int buffer, Occupant occupant) {
    return Math.abs(sizes.get(buffer) - occupant.size());
  }

  /** The buffer of the value {@code storage}. */
  int buffer(int storage) {
    return buffers[storage];
  }

  /** The buffer of the gradient of the value {@code storage}; -1 if it has none. */
  int gradientBuffer(int storage) {
    return gradientBuffers[gradientPlaces[storage]];
  }

  /** Floats of each buffer. */
  List<Integer> bufferSizes() {
    return List.copyOf(sizes);
  }
}
