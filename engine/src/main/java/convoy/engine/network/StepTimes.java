package convoy.engine.network;

import convoy.engine.kernel.Pass;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Runs a network for training one step of its plan at a time, and takes the time of each. */
public final class StepTimes {
  /** Every run draws the same numbers. */
  private static final RandomKey KEY = RandomKey.of(0, RandomKey.Purpose.DROPOUT);

  private final Tensor output;
  private final List<Pass> forward;
  private final List<Pass> backward;
  private final List<Stopwatch> stopwatches = new ArrayList<>();

  /** Times {@code network}, whose plan is for training, over whole batches. */
  public StepTimes(Network network) {
    Plan plan = network.plan();
    network.workspace().key().set(KEY, 0);
    output = network.output(plan.batchSize());
    forward = network.forwardPasses(plan.batchSize());
    backward = network.backwardPasses(plan.batchSize());
    for (Plan.Step step : plan.steps()) {
      stopwatches.add(
          new Stopwatch(step.name(), step.operation().kind(), plan.multiplications(step)));
    }
  }

  /** As {@link Network#forward}. */
  public Tensor forward() {
    for (int i = 0; i < stopwatches.size(); i++) {
      stopwatches.get(i).forward(forward.get(i)::run);
    }
    return output;
  }

  /** As {@link Network#backward}. */
  public void backward() {
    for (int i = stopwatches.size() - 1; i >= 0; i--) {
      stopwatches.get(i).backward(backward.get(i)::run);
    }
  }

  /** The medians of all runs, in the plan's order. To be asked for once, when all are done. */
  public List<StepTime> medians() {
    return stopwatches.stream().map(Stopwatch::median).toList();
  }
}
