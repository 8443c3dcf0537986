package convoy.averaging;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * The figures of the last round as gauges among Spark's metrics, where {@code spark.plugins} names
 * this class; a training without it is the same.
 */
public final class RoundMetricsPlugin implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new RoundGauges();
  }

  /** None, for which Spark's contract wants null: the driver has the figures of all executors. */
  @Override
  public ExecutorPlugin executorPlugin() {
    return null;
  }
}
