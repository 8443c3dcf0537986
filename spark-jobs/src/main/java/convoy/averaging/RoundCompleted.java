package convoy.averaging;

import org.apache.spark.scheduler.SparkListenerEvent;

/**
 * What listeners of the driver are told at the end of each round; not kept in Spark's event log.
 *
 * @param figures of the round
 */
public record RoundCompleted(RoundFigures figures) implements SparkListenerEvent {
  @Override
  public boolean logEvent() {
    return false;
  }
}
