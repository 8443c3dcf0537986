package convoy.averaging;

import convoy.engine.training.TrainingMetrics;
import convoy.sharding.ReplicaData;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
public final class AveragingRound {
  private final JavaSparkContext context;
  private final JavaRDD<ReplicaData> shards;

  /**
   * Rounds over {@code shards}.
   *
   * @param shards one for each replica, as the executors keep them
   */
  public AveragingRound(JavaSparkContext context, JavaRDD<ReplicaData> shards) {
    this.context = context;
    this.shards = shards;
  }

  /**
   * Runs the round {@code plan} from where {@code carried} stands, which is left as it is until the
   * round is ended by {@link CarriedState#advance}.
   *
   * @throws IllegalArgumentException if an executor computes otherwise than the driver; names it
   * @throws DivergenceException if a replica diverges, at once and whatever the others have still
   *     to do; of several it names the lowest shard that is known by then
   */
  public RoundFigures run(RoundPlan plan, CarriedState carried) {
    return run(plan, carried.start(), carried.average());
  }

  /** Runs it from {@code start}, and writes the average over {@code average}. */
  RoundFigures run(RoundPlan plan, ModelState start, ModelState average) {
    long began = System.nanoTime();
    context.setJobDescription(plan.description());
    Broadcast<ModelState> broadcast = context.broadcast(start);
    long broadcastNanos = System.nanoTime() - began;
    try {
      SliceAssembly slices = new SliceAssembly(plan.slicing(), average, shards.getNumPartitions());
      average(plan, broadcast, slices);
      List<ShardReport> reports = slices.reports();
      reports.forEach(report -> report.numerics().checkEqual(plan.numerics(), report.executor()));
      checkConverging(plan, reports);
      if (slices.statisticsDiverged()) {
        throw DivergenceException.ofStatistics(plan);
      }
      long compute = slowestNanos(reports);
      long rest = System.nanoTime() - began - broadcastNanos - compute;
      RoundTimes times = new RoundTimes(compute, broadcastNanos, Math.max(0, rest));
      return RoundFigures.of(plan, reports, slices.distances(), times);
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

  private void average(RoundPlan plan, Broadcast<ModelState> start, SliceAssembly slices) {
    try (DivergenceListener divergences = new DivergenceListener(context.sc())) {
      try {
        SliceReduction.run(
            context,
            trained(plan, start, divergences.signals()),
            plan.slicing(),
            plan.description() + ": average",
            slices);
      } catch (Exception e) {
        Optional<Divergence> first = divergences.first();
        if (first.isEmpty()) {
          throw e;
        }
        DivergenceException diverged = DivergenceException.of(plan, first.get());
        diverged.initCause(e);
        throw diverged;
      }
    }
  }

  private JavaRDD<Tuple2<Integer, SlicePart>> trained(
      RoundPlan plan, Broadcast<ModelState> start, CollectionAccumulator<Divergence> signals) {
    context.setCallSite(plan.description() + ": train");
    // Not preserving the partitioner: it sends shards, and as many slices would seem to be in
    // place.
    return shards.mapPartitionsWithIndex(
        (shard, data) -> ReplicaTask.run(plan, start.value(), shard, data.next(), signals), false);
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
