package convoy.averaging;

import convoy.engine.network.ParameterLayout.Moments;
import convoy.engine.tensor.Finite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * One slice of the average.
 *
 * @param number of the slice
 * @param values the averages
 * @param distances of the shards' trainable parameters in this slice to the averages
 * @param reports of all shards, in their order; in the first slice alone
 */
record AveragedSlice(
    int number, float[] values, ReplicaDistances distances, List<ShardReport> reports) {

  /**
   * Averages one slice, in double and in the order of the shards, each weighted by its images.
   *
   * <p>A parameter becomes the sum of w[i] x[i] over the shards i, w[i] being the shard's part of
   * all images. Of statistics the means do so too; a variance becomes the sum of w[i] (variance[i]
   * + (mean[i] - mean)^2), that of all shards' images together. Where no shard has trained an image
   * all count alike.
   *
   * @param parts one of each shard, in any order; sorted in place
   */
  static AveragedSlice of(int number, Slicing slicing, List<SlicePart> parts) {
    parts.sort(Comparator.comparingInt(SlicePart::shard));
    checkComplete(number, parts);
    long[] weights = weights(parts);
    double[] averages = averages(parts, weights);
    for (Moments layer : slicing.statistics(number)) {
      for (int mean = layer.offset(); mean < layer.offset() + layer.size(); mean++) {
        averages[mean + layer.size()] += varianceOfMeans(parts, weights, mean, averages[mean]);
      }
    }
    float[] values = new float[averages.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) averages[i];
    }
    List<ShardReport> reports = new ArrayList<>();
    if (number == 0) {
      parts.forEach(part -> reports.add(part.report()));
    }
    return new AveragedSlice(
        number, values, distances(parts, values, slicing.trainable(number)), reports);
  }

  private static void checkComplete(int number, List<SlicePart> parts) {
    for (int shard = 0; shard < parts.size(); shard++) {
      if (parts.get(shard).shard() != shard) {
        throw new IllegalStateException(
            "slice "
                + number
                + " has parts of the shards "
                + parts.stream().map(SlicePart::shard).toList()
                + ", wanted one of each");
      }
    }
  }

  /** What the shards count for: their images. */
  private static long[] weights(List<SlicePart> parts) {
    long[] weights = parts.stream().mapToLong(SlicePart::images).toArray();
    if (sum(weights) == 0) {
      Arrays.fill(weights, 1);
    }
    return weights;
  }

  private static long sum(long[] weights) {
    return Arrays.stream(weights).sum();
  }

  private static double[] averages(List<SlicePart> parts, long[] weights) {
    double[] averages = new double[parts.get(0).values().length];
    for (int shard = 0; shard < weights.length; shard++) {
      if (weights[shard] > 0) {
        double weight = weights[shard];
        float[] values = parts.get(shard).values();
        for (int i = 0; i < averages.length; i++) {
          averages[i] += weight * values[i];
        }
      }
    }
    double all = sum(weights);
    for (int i = 0; i < averages.length; i++) {
      averages[i] /= all;
    }
    return averages;
  }

  /** How far the shards' means, value {@code number} of their parts, lie from the mean of all. */
  private static double varianceOfMeans(
      List<SlicePart> parts, long[] weights, int number, double mean) {
    double sum = 0;
    for (int shard = 0; shard < weights.length; shard++) {
      if (weights[shard] > 0) {
        double off = parts.get(shard).values()[number] - mean;
        sum += weights[shard] * off * off;
      }
    }
    return sum / sum(weights);
  }

  /** How far the first {@code size} values of each part lie from {@code averages}. */
  private static ReplicaDistances distances(List<SlicePart> parts, float[] averages, int size) {
    double[] squared = new double[parts.size()];
    for (int shard = 0; shard < squared.length; shard++) {
      float[] values = parts.get(shard).values();
      double sum = 0;
      for (int i = 0; i < size; i++) {
        double off = (double) values[i] - averages[i];
        sum += off * off;
      }
      squared[shard] = sum;
    }
    double squaredNorm = 0;
    for (int i = 0; i < size; i++) {
      squaredNorm += (double) averages[i] * averages[i];
    }
    return new ReplicaDistances(squared, squaredNorm);
  }

  /** Whether a value became NaN or infinite. */
  boolean diverged() {
    return !Finite.all(values);
  }
}
