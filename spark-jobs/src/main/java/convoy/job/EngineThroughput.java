package convoy.job;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.data.TrialImages;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.vector.Peaks;
import convoy.engine.kernel.vector.WinogradFloor;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.StepTime;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.LocalTrainer;
import convoy.engine.training.ShardPass;
import convoy.engine.training.StepRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * Measures how many images a second one replica trains and classifies, and where the time of
 * training goes: medians of all steps that fit into a time, after a warm-up of a third of it.
 *
 * @param spec the network
 * @param kernels the arithmetic
 * @param batchSize images of one step
 * @param threads threads of the replica
 * @param seconds how long each measurement takes
 */
record EngineThroughput(
    NetworkSpec spec, Kernels kernels, int batchSize, int threads, double seconds) {
  private static final double WARM_UP = 1.0 / 3;

  /**
   * So slow that weights stay as they begin: the same few images again and again would lead to
   * gradients that are all zero, or to numbers near zero, which take longer.
   */
  private static final Adam ADAM =
      new Adam(1e-9, Adam.DEFAULT.beta1(), Adam.DEFAULT.beta2(), Adam.DEFAULT.epsilon());

  private static final int LEAST_STEPS = 3;

  EngineThroughput {
    if (batchSize < 1 || threads < 1 || !(seconds > 0)) {
      throw new IllegalArgumentException(
          "batch "
              + batchSize
              + ", threads "
              + threads
              + ", seconds "
              + seconds
              + ": wanted at least 1 of each, and more than 0 seconds");
    }
  }

  /** Images trained a second: forward, loss, backward and a step of Adam. */
  double trainingImagesPerSecond() {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, kernels, threads)) {
      Network network = new Network(workspace, Parameters.initial(plan.layout(), 0));
      LocalTrainer trainer =
          new LocalTrainer(
              network, Loss.evaluating(spec.lastLayer()), Descent.of(ADAM), Augmentation.NONE);
      OptimizerState state = ADAM.newState(plan.layout().trainableSize());
      Shard shard = shard();
      ShardPass pass = ShardPass.of(0, 0, 0, batchSize);
      PrimitiveIterator.OfLong steps = LongStream.iterate(0, t -> t + 1).iterator();
      return batchSize
          / medianSeconds(
              () -> {
                StepRange step = new StepRange(0, 0, 1, steps.nextLong());
                // One that trains nothing any more is faster.
                if (trainer.train(shard, pass, step, state, () -> false).diverged()) {
                  throw new IllegalStateException(
                      "the training diverged in step " + step.stepsBefore());
                }
              });
    }
  }

  /** Images classified a second. */
  double inferenceImagesPerSecond() {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, kernels, threads)) {
      Network network = new Network(workspace, Parameters.initial(plan.layout(), 0));
      MiniBatch batch = new MiniBatch(batchSize, spec.input(), Augmentation.NONE);
      Shard shard = shard();
      ShardPass pass = ShardPass.of(0, 0, 0, batchSize);
      return batchSize
          / medianSeconds(
              () -> {
                batch.fill(shard, pass.order(), 0, pass.augmentation(), network.input(batchSize));
                network.forward(batchSize);
              });
    }
  }

  /** The parts of a training step, slowest first. */
  List<StepTime> stepTimes() {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, kernels, threads)) {
      Network network = new Network(workspace, Parameters.initial(plan.layout(), 0));
      run(new TimedStep(network, ADAM, shard()), seconds * WARM_UP);
      TimedStep step = new TimedStep(network, ADAM, shard());
      run(step, seconds);
      return step.medians();
    }
  }

  /**
   * Floating-point operations of the training of one image, two for each multiplication of the
   * forward pass, of the weights' gradients, and of the inputs' where one is needed; as a direct
   * convolution counts them.
   */
  long effectiveOperations() {
    Plan plan = new Plan(spec, 1, Plan.Mode.TRAINING);
    return 2 * plan.steps().stream().mapToLong(plan::multiplications).sum();
  }

  /** Those of them that the kernels execute, which may do with fewer multiplications. */
  long executedOperations() {
    Plan plan = new Plan(spec, 1, Plan.Mode.TRAINING);
    return 2
        * plan.steps().stream()
            .mapToLong(step -> plan.executedMultiplications(step, kernels))
            .sum();
  }

  /**
   * How near each step that the kernels compute by Winograd's F(4x4, 3x3) comes to its floor.
   *
   * @param times the parts of a training step
   * @param peaks those of as many cores as the replica has threads
   */
  List<FloorShare> floorShares(List<StepTime> times, Peaks peaks) {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.TRAINING);
    List<FloorShare> shares = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      Optional<WinogradFloor> floor =
          plan.convolution(step).flatMap(shape -> WinogradFloor.of(shape, batchSize));
      for (StepTime time : times) {
        if (floor.isPresent() && time.name().equals(step.name())) {
          double forward = floor.get().forwardMillis(peaks);
          double backward =
              floor
                  .get()
                  .backwardMillis(peaks, step.hasParameterGradients(), step.hasInputGradient());
          shares.add(FloorShare.of(forward, backward, time));
        }
      }
    }
    return shares;
  }

  private Shard shard() {
    return TrialImages.shard(spec.input(), batchSize, spec.outputs());
  }

  private double medianSeconds(Runnable step) {
    run(step, seconds * WARM_UP);
    double[] sorted = run(step, seconds).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static DoubleStream run(Runnable step, double seconds) {
    DoubleStream.Builder times = DoubleStream.builder();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; i < LEAST_STEPS || System.nanoTime() < end; i++) {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) * 1e-9);
    }
    return times.build();
  }
}
