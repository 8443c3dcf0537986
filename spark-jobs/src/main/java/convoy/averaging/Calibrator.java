package convoy.averaging;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.training.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Measures on the executors at hand what the parts of a training take: steps of all replicas side
 * by side, after a warm-up in which the JIT compiles them, and rounds without steps.
 */
public final class Calibrator {
  private static final double WARM_UP = 0.45;
  private static final double MEASURED = 0.35;

  /** Steps of one round take about so long: many times what varies between rounds. */
  private static final double ROUND_SECONDS = 2;

  private static final long LARGEST_SHARD_BYTES = 64L << 20;
  private static final int EMPTY_ROUNDS = 9;
  private static final int TRAINING_ROUNDS = 3;
  private static final int SHARDS_PER_TASK = 4;
  private static final int TASKS = 200;

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

  /**
   * Waits for the executors that were asked for.
   *
   * @throws IllegalStateException if they do not come
   * @throws IllegalArgumentException if they have too little memory for the training
   */
  public Calibrator(SparkSession spark, TrainingSetup setup) throws InterruptedException {
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.setup = setup;
    TrainingConfig config = setup.config();
    ExecutorWait.await(context.sc(), config.waitForExecutorsSeconds(), () -> false);
    slots = TaskSlots.of(context.sc());
    replica = setup.replica();
    carried =
        CarriedState.initial(config, Parameters.initial(setup.network().layout(), config.seed()));
  }

  /** Measures for about {@code seconds} seconds. */
  public Calibration run(double seconds) {
    MemoryCheck.of(context.sc(), SHARDS_PER_TASK * slots.count())
        .check(MemoryNeeds.of(setup, replica, carried), 1);
    int steps = warmedUp(seconds * WARM_UP);
    double training = trainingRound(steps, seconds * MEASURED);
    RoundCost.Sample few = emptyRound(replica, carried, slots.count());
    RoundCost.Sample many = emptyRound(replica, carried, SHARDS_PER_TASK * slots.count());
    RoundCost cost = RoundCost.of(slots.executors(), taskSeconds(), bareRound(), few, many);
    return new Calibration(
        slots.executors(),
        slots.tasks(),
        Math.max(0, training - few.seconds()) / steps,
        few.seconds(),
        cost,
        carried.sentBytes());
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
      rounds.seconds();
      return new RoundCost.Sample(shards, rounds.slices(), median(rounds, EMPTY_ROUNDS));
    }
  }

  /** Of a task that does nothing: what the driver takes for it, or a little more. */
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
        if (rounds.seconds() < ROUND_SECONDS && fits(2 * steps)) {
          steps *= 2;
        } else if (Forecast.secondsSince(began) > budget) {
          return steps;
        }
      }
    }
  }

  /** The median of as many rounds of {@code steps} steps as there is time for. */
  private double trainingRound(int steps, double budget) {
    try (TrialRounds rounds = rounds(steps)) {
      double first = rounds.seconds();
      return median(rounds, Math.max(TRAINING_ROUNDS, (int) (budget / first)));
    }
  }

  private TrialRounds rounds(int steps) {
    return new TrialRounds(context, replica, carried, slots.count(), steps);
  }

  private boolean fits(int steps) {
    long images = (long) steps * replica.batchSize();
    return images * setup.network().input().imageSize() <= LARGEST_SHARD_BYTES;
  }

  private static double median(TrialRounds rounds, int count) {
    double[] seconds = new double[count];
    for (int i = 0; i < count; i++) {
      seconds[i] = rounds.seconds();
    }
    return median(seconds);
  }

  private static double median(double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
