package convoy.engine.network;

import convoy.engine.layer.ParameterSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where each parameter of a network lies in one flat array: those that train first, then the frozen
 * ones, then statistics, each in the order of the layers.
 */
public final class ParameterLayout {
  /** What becomes of a parameter in training; the order is that of the array. */
  public enum Kind {
    /** Changed by the optimizer. */
    TRAINABLE,
    /** Kept as it is. */
    FROZEN,
    /** Measured in the forward pass: of each layer that does so means, then as many variances. */
    STATISTICS
  }

  /**
   * One parameter.
   *
   * @param name "layer/parameter", as "convolution1/weights"
   * @param kind what training does to it
   * @param offset index of its first value
   * @param spec its sizes and first values
   */
  public record Entry(String name, Kind kind, int offset, ParameterSpec spec) {
    /** Number of values. */
    public int size() {
      return spec.size();
    }
  }

  /**
   * The running means and variances of one layer.
   *
   * @param offset index of the first mean; the variances come behind the means
   * @param size number of means, and of variances
   */
  public record Moments(int offset, int size) implements Serializable {}

  /** A parameter that is to be placed. */
  record Unplaced(String name, Kind kind, ParameterSpec spec) {}

  private final List<Entry> entries;
  private final int trainableSize;
  private final int size;

  /** Places {@code parameters}; their order within a kind is kept. */
  ParameterLayout(List<Unplaced> parameters) {
    List<Entry> placed = new ArrayList<>();
    long offset = 0;
    long trainable = 0;
    for (Kind kind : Kind.values()) {
      for (Unplaced parameter : parameters) {
        if (parameter.kind() == kind) {
          if (offset + parameter.spec().size() > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException(
                parameter.name() + ": a network has at most 2^31 parameters");
          }
          placed.add(new Entry(parameter.name(), kind, (int) offset, parameter.spec()));
          offset += parameter.spec().size();
        }
      }
      if (kind == Kind.TRAINABLE) {
        trainable = offset;
      }
    }
    entries = List.copyOf(placed);
    trainableSize = (int) trainable;
    size = (int) offset;
  }

  /** The parameters, by rising offset and without gaps. */
  public List<Entry> entries() {
    return entries;
  }

  /**
   * The parameter of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Entry entry(String name) {
    return entries.stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no parameter " + name));
  }

  /** The statistics, layer by layer; they fill the end of the array. */
  public List<Moments> moments() {
    List<Entry> statistics =
        entries.stream().filter(entry -> entry.kind() == Kind.STATISTICS).toList();
    List<Moments> moments = new ArrayList<>();
    for (int i = 0; i < statistics.size(); i += 2) {
      Entry means = statistics.get(i);
      moments.add(new Moments(means.offset(), means.size()));
    }
    return List.copyOf(moments);
  }

  /** Number of the statistics' values. */
  public int statisticsSize() {
    return moments().stream().mapToInt(layer -> 2 * layer.size()).sum();
  }

  /**
   * Where the trainable weights lie, which are the parameters of two or more dimensions: pairs of a
   * first index and one past the last.
   */
  public int[] weights() {
    return entries.stream()
        .filter(entry -> entry.kind() == Kind.TRAINABLE && entry.spec().dimensions().size() > 1)
        .flatMapToInt(entry -> IntStream.of(entry.offset(), entry.offset() + entry.size()))
        .toArray();
  }

  /** Number of values that train; they lie at [0, trainableSize). */
  public int trainableSize() {
    return trainableSize;
  }

  /** Number of all values. */
  public int size() {
    return size;
  }
}
