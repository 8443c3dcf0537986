package convoy.averaging;

import java.util.Comparator;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.CollectionAccumulator;

/**
 * Cancels a round's job as soon as the task of a replica that diverged has ended, while other
 * shards are still being trained.
 *
 * <p>What a replica came to is in its results, but these reach the driver only after the last task
 * of the round. So the task adds its {@link Divergence} to an accumulator as well, which arrives
 * with the task's end. That is a signal to stop early and nothing else: where it is missing the
 * round ends as any other, and the results tell.
 *
 * <p>Accumulator and job tag are the round's own, so that no task of another round is heard and no
 * other job cancelled. Whichever attempt of a task signals tells the truth, for all of them compute
 * the same.
 */
final class DivergenceListener extends SparkListener implements AutoCloseable {
  private final SparkContext context;
  private final CollectionAccumulator<Divergence> signals;
  private final String jobTag;

  /** Listens to the job that this thread starts next, until {@link #close()} by this thread. */
  DivergenceListener(SparkContext context) {
    this.context = context;
    signals = context.collectionAccumulator("divergence");
    jobTag = "divergence-" + signals.id();
    context.addJobTag(jobTag);
    context.addSparkListener(this);
  }

  /** What the tasks of the round add a divergence to. */
  CollectionAccumulator<Divergence> signals() {
    return signals;
  }

  /** Of what is known by now, the divergence of the lowest shard; empty if there is none. */
  Optional<Divergence> first() {
    return signals.value().stream().min(Comparator.comparingInt(Divergence::shard));
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    first()
        .ifPresent(
            known -> context.cancelJobsWithTag(jobTag, "as shard " + known.shard() + " diverged"));
  }

  @Override
  public void close() {
    context.removeSparkListener(this);
    context.removeJobTag(jobTag);
  }
}
