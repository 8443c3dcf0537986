package convoy.training;

import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.random.RandomKey;
import convoy.engine.training.Averaging;
import convoy.engine.training.LocalTrainer;
import convoy.engine.training.ShardPass;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/** Training by averaging as one plain loop without Spark, to hold the real one against. */
final class PlainTraining {
  private final NetworkSpec network;
  private final TrainingConfig config;
  private final List<Shard> firstShards;
  private final int stepsPerEpoch;
  private List<Shard> shards;

  PlainTraining(NetworkSpec network, TrainingConfig config, List<Shard> shards) {
    this.network = network;
    this.config = config;
    firstShards = shards;
    this.shards = shards;
    int largest = shards.stream().mapToInt(Shard::size).max().getAsInt();
    stepsPerEpoch = StepRange.stepsPerEpoch(largest, config.batchSize());
  }

  /**
   * What a training gives.
   *
   * @param weights after all epochs
   * @param rounds where each round led to
   */
  record Outcome(Parameters weights, List<RoundEnd> rounds) {
    String digest() {
      return WeightsDigest.of(weights);
    }
  }

  /**
   * Where a round led to.
   *
   * @param steps that it took
   * @param weights that the next one starts from
   */
  record RoundEnd(StepRange steps, float[] weights) {}

  /** Trains all epochs. */
  Outcome train() {
    Plan plan = new Plan(network, config.batchSize(), Plan.Mode.TRAINING);
    Parameters parameters = Parameters.initial(plan.layout(), config.seed());
    OptimizerState state = config.optimizer().newState(plan.layout().trainableSize());
    float[] outerMomentum = new float[plan.layout().trainableSize()];
    List<RoundEnd> rounds = new ArrayList<>();
    long steps = 0;
    for (int epoch = 0; epoch < config.epochs(); epoch++) {
      shards = dealt(epoch);
      int every = stepsBetweenAverages(epoch);
      for (int from = 0; from < stepsPerEpoch; from += every) {
        int to = Math.min(from + every, stepsPerEpoch);
        StepRange range = new StepRange(epoch, from, to, steps + from);
        float[] start = parameters.values().clone();
        round(plan, parameters, state, range);
        outerStep(start, parameters.values(), outerMomentum);
        rounds.add(new RoundEnd(range, parameters.values().clone()));
      }
      steps += stepsPerEpoch;
      if (config.averaging().batchNormBatches() > 0) {
        estimateStatistics(epoch, parameters);
      }
    }
    return new Outcome(parameters, rounds);
  }

  /** The images of all shards, dealt out by one to each in turn, in the order of this epoch. */
  private List<Shard> dealt(int epoch) {
    int every = config.averaging().dealEvery();
    if (every == 0 || epoch < every) {
      return firstShards;
    }
    int images = firstShards.stream().mapToInt(Shard::size).sum(), number = firstShards.size();
    RandomKey key = RandomKey.of(config.seed(), RandomKey.Purpose.DEAL).with(epoch / every);
    List<Shard> dealt = new ArrayList<>();
    for (Shard shard : firstShards) {
      dealt.add(new Shard(shard.image(), new byte[shard.pixels().length], new int[shard.size()]));
    }
    for (int rank = 0; rank < images; rank++) {
      int place = (int) key.permuted(rank, images);
      Shard from = firstShards.get(rank % number), to = dealt.get(place % number);
      int size = from.image().imageSize();
      to.labels()[place / number] = from.labels()[rank / number];
      System.arraycopy(
          from.pixels(), rank / number * size, to.pixels(), place / number * size, size);
    }
    return dealt;
  }

  /** Pools the moments of each shard's first batches, as forward passes of training find them. */
  private void estimateStatistics(int epoch, Parameters parameters) {
    NetworkSpec forgetful =
        NetworkSpec.fromYaml(
            "forgetful", network.toYaml().replaceAll("momentum: [0-9.]+", "momentum: 0"));
    Plan plan = new Plan(forgetful, config.batchSize(), Plan.Mode.TRAINING);
    ParameterLayout layout = plan.layout();
    List<Replica> shardMoments = new ArrayList<>();
    long images = 0;
    double[] sums = new double[layout.size()];
    for (int s = 0; s < shards.size(); s++) {
      Shard shard = shards.get(s);
      ShardPass pass = ShardPass.of(config.seed(), epoch, s, shard.size());
      List<Replica> batches = new ArrayList<>();
      double[] batchSums = new double[layout.size()];
      long shardImages = 0;
      try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
        Network measuring =
            new Network(workspace, new Parameters(layout, parameters.values().clone()));
        MiniBatch batch = new MiniBatch(config.batchSize(), network.input(), Augmentation.NONE);
        for (int b = 0; b < config.averaging().batchNormBatches(); b++) {
          int first = b * config.batchSize();
          int n = Math.min(config.batchSize(), shard.size() - first);
          if (n > 0) {
            batch.fill(shard, pass.order(), first, pass.augmentation(), measuring.input(n));
            measuring.forward(n, pass.dropout(), b);
            float[] measured = measuring.parameters().values().clone();
            batches.add(new Replica(n, measured));
            add(batchSums, n, measured);
            shardImages += n;
          }
        }
      }
      float[] pooled = new float[layout.size()];
      divide(batchSums, shardImages, pooled);
      pool(layout, batchSums, shardImages, batches, pooled);
      shardMoments.add(new Replica(shardImages, pooled));
      add(sums, shardImages, pooled);
      images += shardImages;
    }
    float[] all = new float[layout.size()];
    divide(sums, images, all);
    pool(layout, sums, images, shardMoments, all);
    int first = layout.size() - layout.statisticsSize();
    System.arraycopy(all, first, parameters.values(), first, layout.statisticsSize());
  }

  /** Goes on from the average by the change and, where there is momentum, by that of before. */
  private void outerStep(float[] start, float[] average, float[] momentum) {
    double rate = config.averaging().outer().learningRate();
    double kept = config.averaging().outer().momentum();
    for (int i = 0; i < momentum.length && (rate != 1 || kept != 0); i++) {
      double change = (double) average[i] - start[i];
      double velocity = kept * momentum[i] + change;
      momentum[i] = (float) velocity;
      average[i] = (float) (start[i] + rate * (change + kept * velocity));
    }
  }

  private int stepsBetweenAverages(int epoch) {
    Averaging averaging = config.averaging();
    if (epoch < averaging.postLocal().epochs()) {
      return averaging.postLocal().everySteps();
    }
    return averaging.everySteps() == 0 ? stepsPerEpoch : averaging.everySteps();
  }

  /** Trains each shard from the same start and writes the averages over it. */
  private void round(Plan plan, Parameters parameters, OptimizerState state, StepRange steps) {
    double[] parameterSums = new double[parameters.values().length];
    double[][] slotSums = new double[state.slots().length][plan.layout().trainableSize()];
    List<Replica> replicas = new ArrayList<>();
    long images = 0;
    for (int s = 0; s < shards.size(); s++) {
      Shard shard = shards.get(s);
      Parameters own = new Parameters(plan.layout(), parameters.values().clone());
      boolean resets = config.averaging().optimizerState() == Averaging.OptimizerStates.RESET;
      OptimizerState ownState =
          new OptimizerState(
              new float[slotSums.length][plan.layout().trainableSize()],
              resets ? steps.stepsBefore() : 0);
      for (int i = 0; i < slotSums.length && !resets; i++) {
        ownState.slots()[i] = state.slots()[i].clone();
      }
      long trained;
      try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
        ShardPass pass = ShardPass.of(config.seed(), steps.epoch(), s, shard.size());
        Descent descent = config.descent(stepsPerEpoch);
        trained =
            new LocalTrainer(
                    new Network(workspace, own), config.loss(), descent, config.augmentation())
                .train(shard, pass, steps, ownState, () -> false)
                .images();
      }
      images += trained;
      add(parameterSums, trained, own.values());
      replicas.add(new Replica(trained, own.values()));
      for (int i = 0; i < slotSums.length; i++) {
        add(slotSums[i], trained, ownState.slots()[i]);
      }
    }
    divide(parameterSums, images, parameters.values());
    pool(plan.layout(), parameterSums, images, replicas, parameters.values());
    for (int i = 0; i < slotSums.length; i++) {
      divide(slotSums[i], images, state.slots()[i]);
    }
  }

  /** What one shard has trained. */
  private record Replica(long images, float[] parameters) {}

  /** Adds to each variance that of the replicas' means. */
  private static void pool(
      ParameterLayout layout,
      double[] sums,
      long images,
      List<Replica> replicas,
      float[] parameters) {
    for (ParameterLayout.Entry entry : layout.entries()) {
      if (entry.name().endsWith("/runningVariance")) {
        String layer = entry.name().substring(0, entry.name().indexOf('/'));
        int means = layout.entry(layer + "/runningMean").offset();
        for (int c = 0; c < entry.size(); c++) {
          double mean = sums[means + c] / images, spread = 0;
          for (Replica replica : replicas) {
            double off = replica.parameters()[means + c] - mean;
            spread += replica.images() * off * off;
          }
          int variance = entry.offset() + c;
          parameters[variance] = (float) (sums[variance] / images + spread / images);
        }
      }
    }
  }

  private static void add(double[] sums, long weight, float[] values) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (double) weight * values[i];
    }
  }

  private static void divide(double[] sums, long images, float[] averages) {
    for (int i = 0; i < sums.length; i++) {
      averages[i] = (float) (sums[i] / images);
    }
  }
}
