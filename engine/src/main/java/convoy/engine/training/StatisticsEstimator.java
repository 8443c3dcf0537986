package convoy.engine.training;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.network.Network;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.ParameterLayout.Moments;
import convoy.engine.network.Plan;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Measures means and variances of batch normalisations anew, by forward passes as in training over
 * some batches of a shard, with parameters that stay as they are. Those that were carried along in
 * training belong to parameters that have changed since: of several replicas, and of steps before.
 * Images are run as they are, not augmented: as evaluation, which the statistics are for, sees
 * them.
 *
 * <p>Batches are pooled as moments, each weighted by its images: with w[b] a batch's share of them,
 * mean = sum of w[b] mean[b] and variance = sum of w[b] (variance[b] + (mean[b] - mean)^2). They
 * are added one by one in double, as Chan, Golub and LeVeque do it in "Updating Formulae and a
 * Pairwise Algorithm for Computing Sample Variances", 1979, equation 2.1.
 */
public final class StatisticsEstimator {
  private final Network network;
  private final List<Moments> moments;
  private final int firstStatistic;
  private final int batchSize;
  private final MiniBatch batch;

  /**
   * What was measured.
   *
   * @param images that were run
   * @param values the statistics in the order of the layout, which they end
   */
  public record Estimate(long images, float[] values) {}

  /** Measures with {@code network}, whose plan is for statistics; the parameters are its own. */
  public StatisticsEstimator(Network network) {
    Plan plan = network.plan();
    if (plan.mode() != Plan.Mode.STATISTICS) {
      throw new IllegalStateException("the plan is for " + plan.mode() + ", wanted STATISTICS");
    }
    ParameterLayout layout = plan.layout();
    this.network = network;
    moments = layout.moments();
    firstStatistic = layout.size() - layout.statisticsSize();
    batchSize = plan.batchSize();
    batch = new MiniBatch(batchSize, plan.spec().input(), Augmentation.NONE);
  }

  /**
   * Runs the first batches of an epoch, in the order of training.
   *
   * @param shard the images
   * @param pass how the epoch goes through them
   * @param batches how many to run, 1 or more; no more than the shard has
   * @param cancelled asked before each batch
   * @throws CancellationException if {@code cancelled} said so
   */
  public Estimate estimate(Shard shard, ShardPass pass, int batches, BooleanSupplier cancelled) {
    network.prepare();
    int count = Math.min(batches, StepRange.stepsPerEpoch(shard.size(), batchSize));
    int size = network.plan().layout().statisticsSize();
    double[] pooled = new double[size];
    long images = 0;
    for (int step = 0; step < count; step++) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException("batch " + step + " of " + count);
      }
      int first = step * batchSize;
      int n = Math.min(batchSize, shard.size() - first);
      batch.fill(shard, pass.order(), first, pass.augmentation(), network.input(n));
      network.forward(n, pass.dropout(), step);
      add(pooled, images, n);
      images += n;
    }
    return new Estimate(images, divided(pooled, images));
  }

  /** Adds the statistics of the last batch to {@code pooled}: means, and sums of squares. */
  private void add(double[] pooled, long images, int n) {
    float[] measured = network.parameters().values();
    double share = (double) n / (images + n);
    for (Moments layer : moments) {
      for (int i = layer.offset(); i < layer.offset() + layer.size(); i++) {
        int mean = i - firstStatistic, squares = mean + layer.size();
        double off = measured[i] - pooled[mean];
        pooled[mean] += off * share;
        pooled[squares] += (double) n * measured[i + layer.size()] + off * off * images * share;
      }
    }
  }

  private float[] divided(double[] pooled, long images) {
    float[] values = new float[pooled.length];
    for (Moments layer : moments) {
      for (int i = 0; i < layer.size(); i++) {
        int mean = layer.offset() - firstStatistic + i, variance = mean + layer.size();
        values[mean] = (float) pooled[mean];
        values[variance] = (float) (pooled[variance] / images);
      }
    }
    return values;
  }
}
