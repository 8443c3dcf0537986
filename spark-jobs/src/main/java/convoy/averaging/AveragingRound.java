package convoy.averaging;

import convoy.engine.training.TrainingMetrics;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.CollectionAccumulator;
import scala.Function1;
import scala.Tuple2;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/**
 * One round on the cluster: broadcast the state, train a replica on each shard, average slice by
 * slice. The replicas' slices go through a shuffle to the tasks that average them, so neither the
 * driver nor an executor ever holds all replicas.
 */
final class AveragingRound {
  private final JavaSparkContext context;
  private final JavaRDD<ReplicaData> shards;

  AveragingRound(JavaSparkContext context, JavaRDD<ReplicaData> shards) {
    this.context = context;
    this.shards = shards;
  }

  /**
   * Runs the round {@code plan} from {@code start}, which is left as it is, and writes the average
   * over {@code average}.
   *
   * @throws IllegalArgumentException if an executor computes otherwise than the driver; names it
   * @throws DivergenceException if a replica diverges, at once and whatever the others have still
   *     to do; of several it names the lowest shard that is known by then
   */
  RoundResult run(RoundPlan plan, ModelState start, ModelState average) {
    long began = System.nanoTime();
    context.setJobDescription(plan.description());
    Broadcast<ModelState> broadcast = context.broadcast(start);
    long broadcastNanos = System.nanoTime() - began;
    try {
      SliceAssembly slices = new SliceAssembly(plan.slicing(), average, shards.getNumPartitions());
      average(plan, broadcast, slices);
      List<ShardReport> reports = slices.reports();
      checkNumerics(plan, reports);
      checkConverging(plan, reports);
      if (slices.statisticsDiverged()) {
        throw DivergenceException.ofStatistics(plan);
      }
      long compute = slowestNanos(reports);
      long rest = System.nanoTime() - began - broadcastNanos - compute;
      RoundTimes times = new RoundTimes(compute, broadcastNanos, Math.max(0, rest));
      return new RoundResult(reports, slices.distances(), times);
    } finally {
      broadcast.destroy();
      context.setJobDescription(null);
      context.clearCallSite();
    }
  }

  private static void checkNumerics(RoundPlan plan, List<ShardReport> reports) {
    for (ShardReport report : reports) {
      if (!report.numerics().equals(plan.numerics())) {
        throw new IllegalArgumentException(
            "executor "
                + report.executor()
                + " computes with "
                + report.numerics()
                + ", the driver with "
                + plan.numerics()
                + ": start all with the same Convoy and --add-modules=jdk.incubator.vector");
      }
    }
  }

  /** Finds what no signal has told before, as when the round's tasks all ended together. */
  private static void checkConverging(RoundPlan plan, List<ShardReport> reports) {
    for (ShardReport report : reports) {
      TrainingMetrics metrics = report.metrics();
      if (metrics.diverged()) {
        throw DivergenceException.of(plan, new Divergence(report.shard(), metrics.divergedAt()));
      }
    }
  }

  private void average(RoundPlan plan, Broadcast<ModelState> start, SliceAssembly slices) {
    try (DivergenceListener divergences = new DivergenceListener(context.sc())) {
      JavaRDD<AveragedSlice> averaged = averaged(plan, start, divergences.signals());
      try {
        assemble(averaged, slices);
      } catch (Exception e) {
        Optional<Divergence> first = divergences.first();
        if (first.isEmpty()) {
          throw e;
        }
        DivergenceException diverged = DivergenceException.of(plan, first.get());
        diverged.initCause(e);
        throw diverged;
      } finally {
        averaged.rdd().cleanShuffleDependencies(false);
      }
    }
  }

  /**
   * Takes each slice as it comes, where a {@code collect} would hold all until the last is there.
   */
  private void assemble(JavaRDD<AveragedSlice> averaged, SliceAssembly slices) {
    context
        .sc()
        .runJob(
            averaged.rdd(),
            (OnlySlice) partition -> partition.next(),
            (partition, slice) -> {
              slices.put(slice);
              return BoxedUnit.UNIT;
            },
            ClassTag$.MODULE$.<AveragedSlice>apply(AveragedSlice.class));
  }

  /** Takes the one slice of a partition. */
  private interface OnlySlice
      extends Function1<scala.collection.Iterator<AveragedSlice>, AveragedSlice>, Serializable {}

  private JavaRDD<AveragedSlice> averaged(
      RoundPlan plan, Broadcast<ModelState> start, CollectionAccumulator<Divergence> signals) {
    context.setCallSite(plan.description() + ": train");
    // Not preserving the partitioner: it sends shards, and as many slices would seem to be in
    // place.
    JavaRDD<Tuple2<Integer, SlicePart>> trained =
        shards.mapPartitionsWithIndex(
            (shard, data) -> ReplicaTask.run(plan, start.value(), shard, data.next(), signals),
            false);
    JavaPairRDD<Integer, SlicePart> parts =
        JavaPairRDD.fromJavaRDD(trained).partitionBy(new IndexPartitioner(plan.slicing().slices()));
    context.setCallSite(plan.description() + ": average");
    Slicing slicing = plan.slicing();
    return parts.mapPartitionsWithIndex(
        (slice, shares) -> averageSlice(slice, slicing, shares), false);
  }

  private static Iterator<AveragedSlice> averageSlice(
      int slice, Slicing slicing, Iterator<Tuple2<Integer, SlicePart>> parts) {
    List<SlicePart> collected = new ArrayList<>();
    parts.forEachRemaining(part -> collected.add(part._2()));
    return List.of(AveragedSlice.of(slice, slicing, collected)).iterator();
  }

  /** The longest time that one executor spent on steps, at least one shard at a time. */
  private static long slowestNanos(List<ShardReport> reports) {
    Map<String, List<ShardReport>> byExecutor =
        reports.stream().collect(Collectors.groupingBy(ShardReport::executor));
    return byExecutor.values().stream().mapToLong(AveragingRound::busyNanos).max().orElse(0);
  }

  /** The time in which at least one of {@code reports}' shards was trained. */
  private static long busyNanos(List<ShardReport> reports) {
    long busy = 0;
    long until = Long.MIN_VALUE;
    for (ShardReport report :
        reports.stream().sorted(Comparator.comparingLong(ShardReport::startedMillis)).toList()) {
      long start = TimeUnit.MILLISECONDS.toNanos(report.startedMillis());
      long end = start + report.metrics().computeNanos();
      busy += Math.max(0, end - Math.max(start, until));
      until = Math.max(until, end);
    }
    return busy;
  }
}
