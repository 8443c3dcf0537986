package convoy.averaging;

import convoy.engine.training.TrainingMetrics;
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
import scala.Tuple2;

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
   * Runs the round {@code plan} from {@code start}, which is left as it is.
   *
   * @throws DivergenceException if a replica diverges, at once and whatever the others have still
   *     to do; of several it names the lowest shard that is known by then
   */
  RoundResult run(RoundPlan plan, ModelState start) {
    long began = System.nanoTime();
    context.setJobDescription(plan.description());
    Broadcast<ModelState> broadcast = context.broadcast(start);
    long broadcastNanos = System.nanoTime() - began;
    try {
      List<AveragedSlice> slices = average(plan, broadcast);
      List<ShardReport> reports = slices.get(0).reports();
      checkConverging(plan, reports);
      ModelState state = start.blank();
      ReplicaDistances distances = ReplicaDistances.none(reports.size());
      for (AveragedSlice slice : slices) {
        checkComplete(slice);
        if (plan.slicing().isStatistics(slice.number()) && slice.diverged()) {
          throw DivergenceException.ofStatistics(plan);
        }
        state.setSlice(plan.slicing().from(slice.number()), slice.values());
        distances = distances.plus(slice.distances());
      }
      long compute = slowestNanos(reports);
      long rest = System.nanoTime() - began - broadcastNanos - compute;
      RoundTimes times = new RoundTimes(compute, broadcastNanos, Math.max(0, rest));
      return new RoundResult(state, reports, distances, times);
    } finally {
      broadcast.destroy();
      context.setJobDescription(null);
      context.clearCallSite();
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

  private void checkComplete(AveragedSlice slice) {
    if (slice.shards() != shards.getNumPartitions()) {
      throw new IllegalStateException(
          "slice "
              + slice.number()
              + " is the average of "
              + slice.shards()
              + " shards, wanted all "
              + shards.getNumPartitions());
    }
  }

  private List<AveragedSlice> average(RoundPlan plan, Broadcast<ModelState> start) {
    try (DivergenceListener divergences = new DivergenceListener(context.sc())) {
      JavaRDD<AveragedSlice> averaged = averaged(plan, start, divergences.signals());
      try {
        return averaged.collect();
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
