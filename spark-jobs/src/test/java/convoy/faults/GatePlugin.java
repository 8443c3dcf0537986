package convoy.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Sends the first attempt of a round's last shard through the {@link Gate}: the others are trained
 * meanwhile, and a further attempt is let through.
 */
public final class GatePlugin implements SparkPlugin {
  /** Of the four that the trainings here have. */
  static final int LAST_SHARD = 3;

  /** As Spark makes it. */
  public GatePlugin() {}

  @Override
  public DriverPlugin driverPlugin() {
    // Hands no settings down: executors have them all.
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext context, PluginContext plugin) {
        return Map.of();
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      private Gate gate;

      @Override
      public void init(PluginContext context, Map<String, String> ofDriver) {
        gate = new Gate(Path.of(context.conf().get(Gate.KEY)));
      }

      @Override
      public void onTaskStart() {
        TaskContext task = TaskContext.get();
        String round = task.getLocalProperty("spark.job.description");
        if (round != null && task.partitionId() == LAST_SHARD && task.attemptNumber() == 0) {
          try {
            gate.pass(round);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      }
    };
  }
}
