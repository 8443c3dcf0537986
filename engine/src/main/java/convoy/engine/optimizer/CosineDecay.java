package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;

/**
 * A learning rate that falls along half a cosine wave until the end of the training, as PyTorch's
 * CosineAnnealingLR defines it: with w the steps of the warm-up and T those of the training,
 *
 * <pre>
 * share = finalShare + (1 - finalShare) (1 + cos(pi (step - w) / (T - w))) / 2     from step w on
 * </pre>
 *
 * <p>so that finalShare would be reached by the step after the last. Loshchilov and Hutter, "SGDR:
 * Stochastic Gradient Descent with Warm Restarts", 2017, equation 5, without restarts.
 *
 * @param finalShare what is left at the end, from 0 to 1; default 0
 * @param warmUp how long the rate rises at the beginning, less than the training; default none
 */
public record CosineDecay(double finalShare, Span warmUp) implements Schedule {
  static final String NAME = "cosine";

  private static final CosineDecay DEFAULT = new CosineDecay(0, Span.NONE);

  public CosineDecay {
    if (!(finalShare >= 0 && finalShare <= 1)) {
      throw new IllegalArgumentException("finalShare is " + finalShare + ", wanted 0 to 1");
    }
  }

  static CosineDecay read(Settings settings) {
    settings.onlyKeys("finalShare", Span.stepsKey(WARM_UP), Span.epochsKey(WARM_UP));
    double finalShare = settings.number("finalShare", DEFAULT.finalShare);
    Span warmUp = Span.read(settings, WARM_UP);
    return settings.checked(() -> new CosineDecay(finalShare, warmUp));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double share(long step, RunLength run) {
    long before = warmUp.in(run);
    if (step < before) {
      return Schedule.warmUp(step, before);
    }
    double done = (double) (step - before) / (run.steps() - before);
    return Annealing.COSINE.between(1, finalShare, done);
  }

  @Override
  public boolean spansRun() {
    return true;
  }

  @Override
  public void checkFits(RunLength run) {
    if (warmUp.in(run) >= run.steps()) {
      boolean inEpochs = warmUp.epochs() > 0;
      throw new IllegalArgumentException(
          String.format(
              "schedule %s warms up over %d %s, the training has %d: wanted less, or more epochs",
              NAME,
              inEpochs ? warmUp.epochs() : warmUp.steps(),
              inEpochs ? "epochs" : "steps",
              inEpochs ? run.epochs() : run.steps()));
    }
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    warmUp.write(tree.putObject(NAME).put("finalShare", finalShare), WARM_UP);
    return tree;
  }
}
