package convoy.engine.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * When replicas are averaged.
 *
 * @param everySteps local steps between averages, 1 or more; 0 (the default) averages once an
 *     epoch. There is always an average at the end of an epoch
 * @param postLocal the first epochs, in which there are averages more often; default {@link
 *     PostLocal#OFF}
 */
public record Averaging(int everySteps, PostLocal postLocal) implements Serializable {
  /** With all settings at their default. */
  public static final Averaging DEFAULT = new Averaging(0, PostLocal.OFF);

  /**
   * A first part of the training with averages of its own, every step or every few. Lin, Stich,
   * Patel and Jaggi, "Don't Use Large Mini-Batches, Use Local SGD", 2020, section 3, post-local
   * SGD.
   *
   * @param everySteps local steps between averages; 1 or more, default 1
   * @param epochs how many epochs it lasts; 0 or more, default 0
   */
  public record PostLocal(int everySteps, int epochs) implements Serializable {
    /** No first part. */
    public static final PostLocal OFF = new PostLocal(1, 0);

    public PostLocal {
      if (everySteps < 1) {
        throw new IllegalArgumentException("everySteps is " + everySteps + ", wanted 1 or more");
      }
      if (epochs < 0) {
        throw new IllegalArgumentException("epochs is " + epochs + ", wanted 0 or more");
      }
    }

    private static PostLocal read(Settings settings) {
      settings.onlyKeys("everySteps", "epochs");
      int everySteps = settings.integer("everySteps", OFF.everySteps);
      int epochs = settings.integer("epochs", OFF.epochs);
      return settings.checked(() -> new PostLocal(everySteps, epochs));
    }
  }

  public Averaging {
    if (everySteps < 0) {
      throw new IllegalArgumentException(
          "everySteps is " + everySteps + ", wanted 1 or more, or 0 for once an epoch");
    }
  }

  static Averaging read(Settings settings) {
    settings.onlyKeys("everySteps", "postLocal");
    int everySteps = settings.integer("everySteps", DEFAULT.everySteps);
    PostLocal postLocal = PostLocal.read(settings.section("postLocal"));
    return settings.checked(() -> new Averaging(everySteps, postLocal));
  }

  ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode().put("everySteps", everySteps);
    tree.putObject("postLocal")
        .put("everySteps", postLocal.everySteps())
        .put("epochs", postLocal.epochs());
    return tree;
  }

  /**
   * The rounds of an epoch, each of so many steps as lie between two averages, the last one of the
   * rest.
   *
   * @param epoch number of the epoch, from 0
   * @param stepsPerEpoch steps that the largest shard takes
   * @param stepsBefore steps that were taken before the epoch
   */
  public List<StepRange> rounds(int epoch, int stepsPerEpoch, long stepsBefore) {
    int every = epoch < postLocal.epochs() ? postLocal.everySteps() : everySteps;
    int length = every == 0 ? stepsPerEpoch : Math.min(every, stepsPerEpoch);
    List<StepRange> rounds = new ArrayList<>();
    for (int from = 0; from < stepsPerEpoch; from += length) {
      int to = Math.min(stepsPerEpoch, from + length);
      rounds.add(new StepRange(epoch, from, to, stepsBefore + from));
    }
    return rounds;
  }
}
