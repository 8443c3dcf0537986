package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.util.Locale;

/**
 * One cycle over the whole training, as PyTorch's OneCycleLR defines it: the learning rate rises to
 * the optimizer's, then falls far below where it began. With T the steps of the training:
 *
 * <pre>
 * from 1 / initialDivisor                     at step 0
 * to   1                                      at step warmUpShare T - 1
 * to   1 / (initialDivisor finalDivisor)      at step T - 1, the last
 * </pre>
 *
 * <p>Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
 * Learning Rates", 2018, section 3. The momentum stays as it is.
 *
 * @param warmUpShare share of the steps in which the rate rises, 0 or more and below 1; default 0.3
 * @param initialDivisor 1 or more; default 25
 * @param finalDivisor 1 or more; default 10,000
 * @param annealing along what the rate rises and falls; default a cosine
 */
public record OneCycle(
    double warmUpShare, double initialDivisor, double finalDivisor, Annealing annealing)
    implements Schedule {
  static final String NAME = "oneCycle";

  private static final OneCycle DEFAULT = new OneCycle(0.3, 25, 10_000, Annealing.COSINE);

  public OneCycle {
    Ranges.belowOne("warmUpShare", warmUpShare);
    atLeastOne("initialDivisor", initialDivisor);
    atLeastOne("finalDivisor", finalDivisor);
  }

  private static void atLeastOne(String name, double value) {
    if (!(value >= 1 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted 1 or more");
    }
  }

  static OneCycle read(Settings settings) {
    settings.onlyKeys("warmUpShare", "initialDivisor", "finalDivisor", "annealing");
    double warmUpShare = settings.number("warmUpShare", DEFAULT.warmUpShare);
    double initial = settings.number("initialDivisor", DEFAULT.initialDivisor);
    double last = settings.number("finalDivisor", DEFAULT.finalDivisor);
    Annealing annealing =
        switch (settings.text("annealing", key(DEFAULT.annealing))) {
          case "cosine" -> Annealing.COSINE;
          case "linear" -> Annealing.LINEAR;
          default -> throw settings.wrong("annealing", "cosine or linear");
        };
    return settings.checked(() -> new OneCycle(warmUpShare, initial, last, annealing));
  }

  private static String key(Annealing annealing) {
    return annealing.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double share(long step, RunLength run) {
    double first = 1 / initialDivisor;
    double top = warmUpShare * run.steps() - 1;
    if (step < top) {
      return annealing.between(first, 1, step / top);
    }
    return annealing.between(1, first / finalDivisor, (step - top) / (run.steps() - 1 - top));
  }

  @Override
  public boolean spansRun() {
    return true;
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject(NAME)
        .put("warmUpShare", warmUpShare)
        .put("initialDivisor", initialDivisor)
        .put("finalDivisor", finalDivisor)
        .put("annealing", key(annealing));
    return tree;
  }
}
