package convoy.averaging;

import convoy.cluster.IndexPartitioner;
import convoy.cluster.TaskResults;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Averages on the executors what tasks hand out slice by slice: the parts of a slice go through a
 * shuffle to the task that averages them, so that nobody ever holds the parts of all.
 */
final class SliceReduction {
  private SliceReduction() {}

  /**
   * Runs the tasks of {@code parts}, and the averaging.
   *
   * @param parts of all slices, with the numbers of these
   * @param callSite what a user reads in Spark's UI of the averaging
   * @param slices takes each average as it comes, where a {@code collect} would hold all until the
   *     last is there
   */
  static void run(
      JavaSparkContext context,
      JavaRDD<Tuple2<Integer, SlicePart>> parts,
      Slicing slicing,
      String callSite,
      SliceAssembly slices) {
    JavaPairRDD<Integer, SlicePart> shuffled =
        JavaPairRDD.fromJavaRDD(parts).partitionBy(new IndexPartitioner(slicing.slices()));
    context.setCallSite(callSite);
    JavaRDD<AveragedSlice> averaged =
        shuffled.mapPartitionsWithIndex(
            (slice, shares) -> averageSlice(slice, slicing, shares), false);
    try {
      TaskResults.forEach(averaged, AveragedSlice.class, slices::put);
    } finally {
      averaged.rdd().cleanShuffleDependencies(false);
    }
  }

  private static Iterator<AveragedSlice> averageSlice(
      int slice, Slicing slicing, Iterator<Tuple2<Integer, SlicePart>> parts) {
    List<SlicePart> collected = new ArrayList<>();
    parts.forEachRemaining(part -> collected.add(part._2()));
    return List.of(AveragedSlice.of(slice, slicing, collected)).iterator();
  }
}
