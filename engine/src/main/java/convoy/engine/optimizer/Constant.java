package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;

/**
 * The optimizer's learning rate throughout.
 *
 * @param warmUp how long the rate rises at the beginning; default none
 */
public record Constant(Span warmUp) implements Schedule {
  static final String NAME = "constant";

  /** Without a warm-up. */
  public static final Constant DEFAULT = new Constant(Span.NONE);

  static Constant read(Settings settings) {
    settings.onlyKeys(Span.stepsKey(WARM_UP), Span.epochsKey(WARM_UP));
    return new Constant(Span.read(settings, WARM_UP));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double share(long step, RunLength run) {
    return Schedule.warmUp(step, warmUp.in(run));
  }

  @Override
  public boolean spansRun() {
    return false;
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    warmUp.write(tree.putObject(NAME), WARM_UP);
    return tree;
  }
}
