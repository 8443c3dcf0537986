package convoy.planning;

import convoy.averaging.CarriedState;
import convoy.averaging.ReplicaSettings;
import convoy.averaging.RoundTimes;
import convoy.cluster.ExecutorWait;
import convoy.cluster.TaskSlots;
import convoy.engine.data.Shard;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.Constant;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Span;
import convoy.engine.training.TrainingConfig;
import convoy.training.Forecast;
import convoy.training.MemoryCheck;
import convoy.training.MemoryNeeds;
import convoy.training.TrainingSetup;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Measures on the executors at hand what the parts of a training take: steps of all replicas side
 * by side, after a warm-up in which the JIT compiles them, and rounds without steps.
 */
public final class Calibrator {
  /** Shares of the time: the JIT compiles a network's kernels in 10 to 40 s of steps. */
  private static final double WARM_UP = 0.55;

  private static final double MEASURED = 0.25;

  /** Steps of one round take about so long: many times what varies between rounds. */
  private static final double ROUND_SECONDS = 5;

  private static final long LARGEST_SHARD_BYTES = 64L << 20;
  private static final int EMPTY_ROUNDS = 9;
  private static final double EMPTY_SECONDS = 10;
  private static final int LEAST_ROUNDS = 3;
  private static final int SHARDS_PER_TASK = 4;
  private static final int TASKS = 200;

  private static final String EXECUTORS_KEY = "spark.executor.instances";

  private static final String BARE_NETWORK =
      """
      name: bare
      input: {height: 1, width: 1, channels: 1}
      layers:
        - flatten
        - dense: {units: 2}
      """;

  private final JavaSparkContext context;
  private final TrainingSetup setup;
  private final TaskSlots slots;
  private final ReplicaSettings replica;
  private final CarriedState carried;
  private final MemoryNeeds needs;

  /**
   * Waits for the executors that were asked for.
   *
   * @throws IllegalStateException if they do not come
   * @throws IllegalArgumentException if nothing says how many there are to be, if there are none as
   *     in local mode, or if the images can't be divided among the configuration's shards
   */
  public Calibrator(SparkSession spark, TrainingSetup setup) throws InterruptedException {
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.setup = setup;
    TrainingConfig config = setup.config();
    setup.checkShards(config.shards());
    if (context.sc().isLocal()) {
      throw new IllegalArgumentException(
          "in local mode nothing is sent that could be measured: take --local-cluster 2, or a"
              + " cluster's --master");
    }
    if (!context.getConf().contains(EXECUTORS_KEY)) {
      throw new IllegalArgumentException(
          "how many executors are to be measured? --spark-conf " + EXECUTORS_KEY + "=N says it");
    }
    ExecutorWait.await(context.sc(), config.waitForExecutorsSeconds(), () -> false);
    slots = TaskSlots.of(context.sc());
    carried =
        CarriedState.initial(config, Parameters.initial(setup.network().layout(), config.seed()));
    needs = MemoryNeeds.of(setup, setup.replica(), carried);
    replica = standingStill(setup.replica(), config);
  }

  /**
   * Replicas whose learning rate is next to nothing, as it has only begun to rise: images without
   * meaning can't make them diverge.
   */
  private static ReplicaSettings standingStill(ReplicaSettings replica, TrainingConfig config) {
    Descent descent =
        new Descent(
            config.optimizer(),
            new Constant(new Span(Integer.MAX_VALUE, 0)),
            RunLength.ENDLESS,
            config.weightDecay(),
            config.clipNorm());
    return new ReplicaSettings(
        replica.network(),
        replica.batchSize(),
        replica.threads(),
        replica.augmentation(),
        replica.loss(),
        descent);
  }

  /**
   * Measures for about {@code seconds} seconds, and a while longer where rounds are slow.
   *
   * @return what epochs are told from
   * @throws IllegalArgumentException if the executors have too little memory for the training
   */
  public EpochSimulation run(double seconds) {
    if (!fits(1)) {
      throw new IllegalArgumentException(
          "batchSize is " + replica.batchSize() + ": a plan tries no more than 64 MB of images");
    }
    int manyShards = SHARDS_PER_TASK * slots.count();
    MemoryNeeds trial = needs.withMoreWork(LARGEST_SHARD_BYTES);
    MemoryCheck.of(context.sc(), manyShards).check(trial, 0);
    int steps = warmedUp(seconds * WARM_UP);
    double computing = computeSeconds(steps, seconds * MEASURED);
    RoundCost.Sample few = emptyRound(replica, carried, slots.count());
    RoundCost.Sample many = emptyRound(replica, carried, manyShards);
    RoundCost cost = RoundCost.of(slots.executors(), taskSeconds(), bareRound(), few, many);
    ClusterTimes times =
        new ClusterTimes(
            slots.executors(),
            slots.tasks(),
            computing / steps,
            few.seconds(),
            cost,
            carried.sentBytes());
    return new EpochSimulation(setup, times, needs);
  }

  private RoundCost.Sample bareRound() {
    NetworkSpec spec = NetworkSpec.fromYaml("bare", BARE_NETWORK);
    TrainingConfig config = TrainingConfig.DEFAULT;
    ReplicaSettings settings =
        new ReplicaSettings(
            spec.toYaml(), 1, 1, config.augmentation(), config.loss(), config.descent(1));
    CarriedState state = CarriedState.initial(config, Parameters.initial(spec.layout(), 0));
    return emptyRound(settings, state, slots.count());
  }

  /** The median of some rounds without steps, after one that is not counted. */
  private RoundCost.Sample emptyRound(ReplicaSettings settings, CarriedState state, int shards) {
    try (TrialRounds rounds = new TrialRounds(context, settings, state, shards, 0)) {
      double first = rounds.run().seconds();
      int count = (int) Math.max(LEAST_ROUNDS, Math.min(EMPTY_ROUNDS, EMPTY_SECONDS / first));
      return new RoundCost.Sample(
          shards, rounds.slices(), median(rounds, count, RoundTimes::seconds));
    }
  }

  /** Of a task that does nothing, at driver and executors. */
  private double taskSeconds() {
    List<Integer> numbers = IntStream.range(0, TASKS).boxed().toList();
    double[] seconds = new double[EMPTY_ROUNDS];
    for (int i = 0; i < seconds.length; i++) {
      long began = System.nanoTime();
      context.parallelize(numbers, TASKS).foreachPartition(part -> {});
      seconds[i] = Forecast.secondsSince(began) / TASKS;
    }
    return median(seconds);
  }

  /** Trains for a while; the number of steps that make a round long enough to be measured. */
  private int warmedUp(double budget) {
    long began = System.nanoTime();
    int steps = 1;
    while (true) {
      try (TrialRounds rounds = rounds(steps)) {
        if (rounds.run().seconds() < ROUND_SECONDS && fits(2 * steps)) {
          steps *= 2;
        } else if (Forecast.secondsSince(began) > budget) {
          return steps;
        }
      }
    }
  }

  /** What the steps of a round take: the median of as many rounds as there is time for. */
  private double computeSeconds(int steps, double budget) {
    try (TrialRounds rounds = rounds(steps)) {
      int count = Math.max(LEAST_ROUNDS, (int) (budget / rounds.run().seconds()));
      return median(rounds, count, times -> times.computeNanos() / 1e9);
    }
  }

  private TrialRounds rounds(int steps) {
    return new TrialRounds(context, replica, carried, slots.count(), steps);
  }

  private boolean fits(int steps) {
    long images = (long) steps * replica.batchSize();
    return Shard.sizeBytes(setup.network().input(), images) <= LARGEST_SHARD_BYTES;
  }

  private static double median(
      TrialRounds rounds, int count, ToDoubleFunction<RoundTimes> measure) {
    double[] seconds = new double[count];
    for (int i = 0; i < count; i++) {
      seconds[i] = measure.applyAsDouble(rounds.run());
    }
    return median(seconds);
  }

  private static double median(double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
