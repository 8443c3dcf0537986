package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.util.List;

/**
 * A learning rate that falls in steps, as PyTorch's StepLR and MultiStepLR define it: with n the
 * intervals or the milestones that have passed, share = factor^n. They are counted from the
 * training's beginning, the warm-up included.
 *
 * @param factor what is left of the rate after a fall, above 0 and at most 1; default 0.1
 * @param every the interval from fall to fall; none if there are milestones
 * @param atSteps milestones: after so many steps, each 1 or more
 * @param atEpochs milestones: after so many epochs, each 1 or more
 * @param warmUp how long the rate rises at the beginning; default none
 */
public record StepDecay(
    double factor, Span every, List<Integer> atSteps, List<Integer> atEpochs, Span warmUp)
    implements Schedule {
  static final String NAME = "step";

  private static final double FACTOR = 0.1;
  private static final String EVERY = "every";
  private static final String AT = "at";

  public StepDecay {
    if (!(factor > 0 && factor <= 1)) {
      throw new IllegalArgumentException("factor is " + factor + ", wanted above 0 and at most 1");
    }
    atSteps = List.copyOf(atSteps);
    atEpochs = List.copyOf(atEpochs);
    for (List<Integer> milestones : List.of(atSteps, atEpochs)) {
      if (milestones.stream().anyMatch(milestone -> milestone < 1)) {
        throw new IllegalArgumentException("milestones are " + milestones + ", wanted 1 or more");
      }
    }
    if (every.equals(Span.NONE) == (atSteps.isEmpty() && atEpochs.isEmpty())) {
      throw new IllegalArgumentException(
          "wanted an interval (everySteps or everyEpochs) or milestones (atSteps, atEpochs)");
    }
  }

  static StepDecay read(Settings settings) {
    String atSteps = Span.stepsKey(AT), atEpochs = Span.epochsKey(AT);
    settings.onlyKeys(
        "factor",
        Span.stepsKey(EVERY),
        Span.epochsKey(EVERY),
        atSteps,
        atEpochs,
        Span.stepsKey(WARM_UP),
        Span.epochsKey(WARM_UP));
    double factor = settings.number("factor", FACTOR);
    Span every = Span.read(settings, EVERY);
    List<Integer> steps = settings.has(atSteps) ? settings.integers(atSteps) : List.of();
    List<Integer> epochs = settings.has(atEpochs) ? settings.integers(atEpochs) : List.of();
    Span warmUp = Span.read(settings, WARM_UP);
    return settings.checked(() -> new StepDecay(factor, every, steps, epochs, warmUp));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double share(long step, RunLength run) {
    return StrictMath.pow(factor, falls(step, run)) * Schedule.warmUp(step, warmUp.in(run));
  }

  private long falls(long step, RunLength run) {
    if (!every.equals(Span.NONE)) {
      return step / every.in(run);
    }
    long falls = 0;
    for (int i = 0; i < atSteps.size(); i++) {
      falls += step >= atSteps.get(i) ? 1 : 0;
    }
    for (int i = 0; i < atEpochs.size(); i++) {
      falls += step / run.stepsPerEpoch() >= atEpochs.get(i) ? 1 : 0;
    }
    return falls;
  }

  @Override
  public boolean spansRun() {
    return false;
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    ObjectNode settings = tree.putObject(NAME).put("factor", factor);
    every.write(settings, EVERY);
    ArrayNode steps = settings.putArray(Span.stepsKey(AT));
    atSteps.forEach(steps::add);
    ArrayNode epochs = settings.putArray(Span.epochsKey(AT));
    atEpochs.forEach(epochs::add);
    warmUp.write(settings, WARM_UP);
    return tree;
  }
}
