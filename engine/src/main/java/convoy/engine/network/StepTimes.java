package convoy.engine.network;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Runs a network for training one step of its plan at a time, and takes the time of each. */
public final class StepTimes {
  /** Every run draws the same numbers. */
  private static final RandomKey KEY = RandomKey.of(0, RandomKey.Purpose.DROPOUT);

  private final Network network;
  private final List<Stopwatch> stopwatches = new ArrayList<>();

  /** Times {@code network}, whose plan is for training. */
  public StepTimes(Network network) {
    this.network = network;
    Plan plan = network.plan();
    for (Plan.Step step : plan.steps()) {
      stopwatches.add(
          new Stopwatch(step.name(), step.operation().kind(), plan.multiplications(step)));
    }
  }

  /** As {@link Network#forward}, for a whole batch. */
  public Tensor forward() {
    int images = network.plan().batchSize();
    for (int i = 0; i < stopwatches.size(); i++) {
      int number = i;
      stopwatches.get(i).forward(() -> network.forward(images, number, KEY));
    }
    return network.output(images);
  }

  /** As {@link Network#backward}, for a whole batch. */
  public void backward() {
    int images = network.plan().batchSize();
    for (int i = stopwatches.size() - 1; i >= 0; i--) {
      int number = i;
      stopwatches.get(i).backward(() -> network.backward(images, number, KEY));
    }
  }

  /** The medians of all runs, in the plan's order. To be asked for once, when all are done. */
  public List<StepTime> medians() {
    return stopwatches.stream().map(Stopwatch::median).toList();
  }
}
