package convoy.averaging;

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
   * Averages one slice: the sum of the parts' values, each times its images, in double and in the
   * order of the shards, divided by all images.
   *
   * @param parts one of each shard, in any order; sorted in place
   */
  static AveragedSlice of(int number, List<SlicePart> parts) {
    parts.sort((a, b) -> Integer.compare(a.report().shard(), b.report().shard()));
    double[] sums = new double[parts.get(0).values().length];
    long images = 0;
    for (SlicePart part : parts) {
      long weight = part.report().metrics().images();
      images += weight;
      if (weight > 0) {
        float[] values = part.values();
        for (int i = 0; i < sums.length; i++) {
          sums[i] += (double) weight * values[i];
        }
      }
    }
    float[] averages = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      averages[i] = (float) (sums[i] / images);
    }
    List<ShardReport> reports = new ArrayList<>();
    for (SlicePart part : parts) {
      reports.add(part.report());
    }
    return new AveragedSlice(number, averages, reports);
  }
}
