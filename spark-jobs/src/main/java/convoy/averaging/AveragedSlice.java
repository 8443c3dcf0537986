package convoy.averaging;

import convoy.engine.network.ParameterLayout.Moments;
import java.util.ArrayList;
import java.util.List;

/**
 * One slice of the average.
 *
 * @param number of the slice
 * @param values the averages
 * @param reports of all shards, in their order
 */
record AveragedSlice(int number, float[] values, List<ShardReport> reports) {

  /**
   * Averages one slice, in double and in the order of the shards, each weighted by its images.
   *
   * <p>A parameter becomes the sum of w[i] x[i] over the shards i, w[i] being the shard's part of
   * all images. Of statistics the means do so too; a variance becomes the sum of w[i] (variance[i]
   * + (mean[i] - mean)^2), that of all shards' images together.
   *
   * @param parts one of each shard, in any order; sorted in place
   */
  static AveragedSlice of(int number, Slicing slicing, List<SlicePart> parts) {
    parts.sort((a, b) -> Integer.compare(a.report().shard(), b.report().shard()));
    List<ShardReport> reports = new ArrayList<>();
    long images = 0;
    for (SlicePart part : parts) {
      reports.add(part.report());
      images += part.images();
    }
    double[] averages = averages(parts, images);
    if (slicing.isStatistics(number)) {
      for (Moments layer : slicing.moments()) {
        int from = slicing.from(layer);
        for (int mean = from; mean < from + layer.size(); mean++) {
          averages[mean + layer.size()] += varianceOfMeans(parts, images, mean, averages[mean]);
        }
      }
    }
    float[] values = new float[averages.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) averages[i];
    }
    return new AveragedSlice(number, values, reports);
  }

  private static double[] averages(List<SlicePart> parts, long images) {
    double[] averages = new double[parts.get(0).values().length];
    for (SlicePart part : parts) {
      if (part.images() > 0) {
        for (int i = 0; i < averages.length; i++) {
          averages[i] += (double) part.images() * part.values()[i];
        }
      }
    }
    for (int i = 0; i < averages.length; i++) {
      averages[i] /= images;
    }
    return averages;
  }

  /** How far the shards' means, value {@code number} of their parts, lie from the mean of all. */
  private static double varianceOfMeans(
      List<SlicePart> parts, long images, int number, double mean) {
    double sum = 0;
    for (SlicePart part : parts) {
      if (part.images() > 0) {
        double off = part.values()[number] - mean;
        sum += part.images() * off * off;
      }
    }
    return sum / images;
  }

  /** Whether a value became NaN or infinite; of an average of no images all are NaN. */
  boolean diverged() {
    if (reports.stream().allMatch(report -> report.metrics().images() == 0)) {
      return false;
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return true;
      }
    }
    return false;
  }
}
