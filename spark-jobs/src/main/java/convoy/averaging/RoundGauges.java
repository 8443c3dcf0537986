package convoy.averaging;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import convoy.engine.training.StepRange;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * Gauges of the last round, named as the keys of {@code rounds.jsonl}; those of a shard begin with
 * {@code shard<n>.} and are there from the first round on. Before that all are 0 or NaN.
 */
final class RoundGauges extends SparkListener implements DriverPlugin {
  private static final RoundFigures NONE =
      new RoundFigures(
          0, new StepRange(0, 0, 0, 0), 0, List.of(), ReplicaDistances.none(0), RoundTimes.NONE, 0);

  private MetricRegistry registry;
  private volatile RoundFigures last = NONE;

  @Override
  public Map<String, String> init(SparkContext context, PluginContext plugin) {
    registry = plugin.metricRegistry();
    register("round", RoundFigures::round);
    register("epoch", RoundFigures::epoch);
    register("step", RoundFigures::step);
    register("learningRate", RoundFigures::learningRate);
    register("images", figures -> figures.trained().images());
    register("loss", figures -> figures.trained().loss());
    register("accuracy", figures -> figures.trained().accuracy());
    register("meanDistance", RoundFigures::meanDistance);
    register("largestDistance", RoundFigures::largestDistance);
    register("computeSeconds", figures -> figures.times().computeNanos() / 1e9);
    register("broadcastSeconds", figures -> figures.times().broadcastNanos() / 1e9);
    register("averagingSeconds", figures -> figures.times().averagingNanos() / 1e9);
    register("broadcastBytes", RoundFigures::broadcastBytes);
    register("reducedBytes", RoundFigures::reducedBytes);
    context.addSparkListener(this);
    return Map.of();
  }

  @Override
  public void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof RoundCompleted completed) {
      RoundFigures before = last;
      last = completed.figures();
      for (int shard = before.reports().size(); shard < last.reports().size(); shard++) {
        registerShard(shard);
      }
    }
  }

  private void registerShard(int shard) {
    String prefix = "shard" + shard + ".";
    register(prefix + "images", figures -> figures.reports().get(shard).metrics().images());
    register(prefix + "loss", figures -> figures.reports().get(shard).metrics().loss());
    register(prefix + "accuracy", figures -> figures.reports().get(shard).metrics().accuracy());
    register(prefix + "distance", figures -> figures.distance(figures.reports().get(shard)));
    register(
        prefix + "computeSeconds",
        figures -> figures.reports().get(shard).metrics().computeNanos() / 1e9);
    register(prefix + "executor", figures -> figures.reports().get(shard).executor());
  }

  private <T> void register(String name, Function<RoundFigures, T> figure) {
    registry.register(name, (Gauge<T>) () -> figure.apply(last));
  }
}
