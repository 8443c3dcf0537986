package convoy.engine.training;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Pass;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.tensor.Tensor;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * The training loop of one replica over its shard: batch, forward, loss, backward, step. A step
 * allocates nothing; what it runs is bound before the first one, for whole batches and for the last
 * one of an epoch.
 */
public final class LocalTrainer {
  private final Network network;
  private final Descent descent;
  private final int batchSize;
  private final MiniBatch batch;
  private final Loss loss;

  /** By the number of images; null until the first batch of so many. */
  private final Pass[] lossGradients;

  /**
   * Trains {@code network}, whose plan is for training, in batches of its plan's size.
   *
   * @throws IllegalArgumentException if the loss does not fit the network's last layer, or the
   *     augmentation its input
   */
  public LocalTrainer(Network network, Loss loss, Descent descent, Augmentation augmentation) {
    Plan plan = network.plan();
    if (plan.mode() != Plan.Mode.TRAINING) {
      throw new IllegalStateException("the plan is for " + plan.mode() + ", wanted TRAINING");
    }
    this.network = network;
    this.descent = descent;
    batchSize = plan.batchSize();
    batch = new MiniBatch(batchSize, plan.spec().input(), augmentation);
    loss.checkFits(plan.spec().lastLayer());
    this.loss = loss;
    lossGradients = new Pass[batchSize + 1];
  }

  /**
   * Takes the steps {@code steps} of an epoch, as far as the shard has them; writes the network's
   * parameters and {@code state}. Ends at once where a loss, a parameter or a value of the state
   * becomes NaN or infinite.
   *
   * @param shard the images
   * @param pass how the epoch goes through them
   * @param steps which steps to take
   * @param state the optimizer's state
   * @param cancelled asked before each step
   * @return what was trained; if it diverged, parameters and state are of no use
   * @throws IllegalArgumentException if the shard's images or labels do not fit the network
   * @throws CancellationException if {@code cancelled} said so
   */
  public TrainingMetrics train(
      Shard shard,
      ShardPass pass,
      StepRange steps,
      OptimizerState state,
      BooleanSupplier cancelled) {
    int[] order = pass.order();
    if (order.length != shard.size()) {
      throw new IllegalArgumentException(
          "the order has " + order.length + " images, the shard " + shard.size());
    }
    long start = System.nanoTime();
    bind(Math.min(batchSize, shard.size()));
    bind(shard.size() % batchSize);
    int last = Math.min(steps.to(), StepRange.stepsPerEpoch(shard.size(), batchSize));
    Descent.Rates[] rates = rates(steps, last, state);
    Update update = new Update(network, descent, state);
    long images = 0;
    long correct = 0;
    double lossSum = 0;
    int divergedAt = -1;
    for (int step = steps.from(); step < last && divergedAt < 0; step++) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException("epoch " + steps.epoch() + ", step " + step);
      }
      int first = step * batchSize;
      int n = Math.min(batchSize, shard.size() - first);
      batch.fill(shard, order, first, pass.augmentation(), network.input(n));
      Tensor scores = network.forward(n, pass.dropout(), step);
      double stepLoss = 0;
      for (int i = 0; i < n; i++) {
        stepLoss += loss.loss(scores, i, batch.labels()[i]);
        correct += isCorrect(scores, i, batch.labels()[i]) ? 1 : 0;
      }
      images += n;
      lossSum += stepLoss;
      if (Double.isFinite(stepLoss)) {
        lossGradients[n].run();
        network.backward(n);
      }
      // Not by the next loss alone: a ReLU turns a parameter of minus infinity into 0.
      if (!Double.isFinite(stepLoss) || !update.run(rates[step - steps.from()])) {
        divergedAt = step;
      }
    }
    return new TrainingMetrics(images, lossSum, correct, divergedAt, System.nanoTime() - start);
  }

  private Descent.Rates[] rates(StepRange steps, int last, OptimizerState state) {
    return IntStream.range(steps.from(), last)
        .mapToObj(step -> descent.rates(steps.number(step), state))
        .toArray(Descent.Rates[]::new);
  }

  private void bind(int images) {
    if (images > 0 && lossGradients[images] == null) {
      Workspace workspace = network.workspace();
      lossGradients[images] =
          loss.gradient(
              network.output(images),
              batch.labels(),
              workspace.kernels(),
              workspace.workers(),
              network.outputGradient(images));
    }
  }

  private static boolean isCorrect(Tensor scores, int n, int label) {
    int row = scores.offset() + n * scores.pixelStride();
    float score = scores.array()[row + label];
    for (int k = 0; k < scores.shape().c(); k++) {
      float other = scores.array()[row + k];
      if (other > score || (other == score && k < label)) {
        return false;
      }
    }
    return score == score;
  }
}
