package convoy.averaging;

import convoy.cluster.Numerics;
import convoy.cluster.ProcessKernels;
import convoy.cluster.ThisExecutor;
import convoy.engine.data.Shard;
import convoy.engine.network.Network;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.training.ShardPass;
import convoy.engine.training.StatisticsEstimator;
import convoy.engine.training.TrainingMetrics;
import convoy.sharding.ReplicaData;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Estimates the means and variances of batch normalisations anew: each shard runs some batches with
 * the same parameters, and what they measure is pooled as that of replicas is.
 *
 * @param epoch whose first batches are run
 * @param batches of each shard; fewer where it has not as many
 * @param replica network, batch size and threads
 * @param seed of all random numbers
 * @param numerics the driver's arithmetic, which each task's has to equal
 */
public record StatisticsRound(
    int epoch, int batches, ReplicaSettings replica, long seed, Numerics numerics)
    implements Serializable {

  /**
   * Runs the round.
   *
   * @param parameters of the network; its statistics are overwritten
   * @throws DivergenceException if what is measured is NaN or infinite
   */
  public void run(JavaSparkContext context, JavaRDD<ReplicaData> shards, Parameters parameters) {
    ParameterLayout layout = parameters.layout();
    float[] pooled = new float[layout.statisticsSize()];
    Slicing slicing = Slicing.ofStatistics(layout, shards.getNumPartitions());
    SliceAssembly assembly =
        new SliceAssembly(
            slicing, new ModelState(pooled, new float[0][]), shards.getNumPartitions());
    String description = "epoch " + (epoch + 1) + ": statistics of batch normalisations";
    context.setJobDescription(description);
    context.setCallSite(description);
    Broadcast<float[]> broadcast = context.broadcast(parameters.values());
    try {
      JavaRDD<Tuple2<Integer, SlicePart>> measured =
          shards.mapPartitionsWithIndex(
              (shard, data) -> measure(broadcast.value(), slicing, shard, data.next().training()),
              false);
      SliceReduction.run(context, measured, slicing, description, assembly);
      assembly.distances(); // checks that all shards are in it
      if (assembly.statisticsDiverged()) {
        throw DivergenceException.ofEstimate(epoch);
      }
      int first = layout.size() - pooled.length;
      System.arraycopy(pooled, 0, parameters.values(), first, pooled.length);
    } finally {
      broadcast.destroy();
      context.setJobDescription(null);
      context.clearCallSite();
    }
  }

  private Iterator<Tuple2<Integer, SlicePart>> measure(
      float[] parameters, Slicing slicing, int shardNumber, Shard shard) {
    long started = System.currentTimeMillis();
    String executor = ThisExecutor.name();
    Numerics.here().checkEqual(numerics, executor);
    Plan plan = new Plan(replica.spec(), replica.batchSize(), Plan.Mode.STATISTICS);
    try (Workspace workspace = new Workspace(plan, ProcessKernels.get(), replica.threads())) {
      Network network = new Network(workspace, new Parameters(plan.layout(), parameters.clone()));
      StatisticsEstimator.Estimate estimate =
          new StatisticsEstimator(network)
              .estimate(
                  shard,
                  ShardPass.of(seed, epoch, shardNumber, shard.size()),
                  batches,
                  TaskContext.get()::isInterrupted);
      TrainingMetrics counted = new TrainingMetrics(estimate.images(), 0, 0, -1, 0);
      ShardReport report = new ShardReport(shardNumber, counted, started, executor, numerics);
      return IntStream.range(0, slicing.slices())
          .mapToObj(
              slice -> {
                int from = (int) slicing.from(slice);
                float[] values =
                    Arrays.copyOfRange(estimate.values(), from, from + slicing.size(slice));
                return new Tuple2<>(slice, new SlicePart(report, values));
              })
          .iterator();
    }
  }
}
