package convoy.job;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Pass;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.StepTime;
import convoy.engine.network.StepTimes;
import convoy.engine.network.Stopwatch;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.tensor.Tensor;
import convoy.engine.training.ShardPass;
import convoy.engine.training.Update;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A training step as {@link convoy.engine.training.LocalTrainer} takes it, over and over on one
 * batch, with the time of each of its parts.
 */
final class TimedStep implements Runnable {
  private final Network network;
  private final Optimizer optimizer;
  private final Update change;
  private final Shard shard;
  private final ShardPass pass;
  private final MiniBatch batch;
  private final Loss loss;
  private final StepTimes steps;
  private final Stopwatch filling = new Stopwatch("batch", "filling", 0);
  private final Stopwatch lossTime;
  private final Pass lossGradient;
  private final Stopwatch update;
  private long stepsTaken;

  /** Trains {@code network} with {@code optimizer} on {@code shard}, which is one batch. */
  TimedStep(Network network, Optimizer optimizer, Shard shard) {
    this.network = network;
    this.optimizer = optimizer;
    this.shard = shard;
    OptimizerState state = optimizer.newState(network.plan().layout().trainableSize());
    change = new Update(network, Descent.of(optimizer), state);
    pass = ShardPass.of(0, 0, 0, shard.size());
    batch = new MiniBatch(shard.size(), shard.image(), Augmentation.NONE);
    loss = Loss.evaluating(network.plan().spec().lastLayer());
    lossTime = new Stopwatch("loss", loss.name(), 0);
    int images = shard.size();
    Workspace workspace = network.workspace();
    lossGradient =
        loss.gradient(
            network.output(images),
            batch.labels(),
            workspace.kernels(),
            workspace.workers(),
            network.outputGradient(images));
    steps = new StepTimes(network);
    update = new Stopwatch("optimizer", optimizer.name(), 0);
  }

  @Override
  public void run() {
    int images = shard.size();
    filling.forward(
        () -> batch.fill(shard, pass.order(), 0, pass.augmentation(), network.input(images)));
    Tensor scores = steps.forward();
    lossTime.forward(() -> sumLosses(scores));
    lossTime.backward(lossGradient::run);
    steps.backward();
    stepsTaken++;
    double learningRate = optimizer.learningRate();
    Descent.Rates rates =
        new Descent.Rates(learningRate, optimizer.factor(stepsTaken, learningRate));
    update.backward(() -> change.run(rates));
  }

  private void sumLosses(Tensor scores) {
    double sum = 0;
    for (int i = 0; i < shard.size(); i++) {
      sum += loss.loss(scores, i, batch.labels()[i]);
    }
    if (!Double.isFinite(sum)) {
      throw new IllegalStateException("step " + stepsTaken + ": the loss is " + sum);
    }
  }

  /** The medians of all runs, slowest first. To be asked for once, when all are done. */
  List<StepTime> medians() {
    List<StepTime> times = new ArrayList<>(steps.medians());
    times.addAll(List.of(filling.median(), lossTime.median(), update.median()));
    times.sort(Comparator.comparingDouble(StepTime::millis).reversed());
    return times;
  }
}
