package convoy.engine.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OuterStep;
import convoy.engine.settings.Settings;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * When replicas are averaged, what their average becomes, and when shards are dealt anew.
 *
 * @param everySteps local steps between averages, 1 or more; 0 (the default) averages once an
 *     epoch. There is always an average at the end of an epoch
 * @param postLocal the first epochs, in which there are averages more often; default {@link
 *     PostLocal#OFF}
 * @param optimizerState what becomes of the replicas' optimizer states; default {@link
 *     OptimizerStates#AVERAGE}
 * @param outer the step that an average leads to; default {@link OuterStep#NONE}
 * @param movingAverage the average of the weights that is evaluated; default {@link
 *     MovingAverage#NONE}
 * @param batchNormBatches batches of each shard over which the means and variances of batch
 *     normalisations are estimated anew at the end of each epoch, by the weights that are
 *     evaluated; 0 or more, default 0: they stay as training has moved them
 * @param dealEvery epochs after which the training images are dealt out to the shards anew, in an
 *     order that the seed decides; 0 or more, default 0: never
 */
public record Averaging(
    int everySteps,
    PostLocal postLocal,
    OptimizerStates optimizerState,
    OuterStep outer,
    MovingAverage movingAverage,
    int batchNormBatches,
    int dealEvery)
    implements Serializable {
  /** With all settings at their default. */
  public static final Averaging DEFAULT =
      new Averaging(
          0, PostLocal.OFF, OptimizerStates.AVERAGE, OuterStep.NONE, MovingAverage.NONE, 0, 0);

  /** What becomes of the replicas' optimizer states at the end of a round. */
  public enum OptimizerStates {
    /** They are averaged as the parameters are. */
    AVERAGE,
    /**
     * They are dropped: each round begins with zeros, as the first, so that nothing of them goes to
     * the executors and back. In rounds of few steps a momentum has little time to build up.
     *
     * <p>Adam's t counts from 1 again in each round, as 1 - beta^t is the share of the gradients in
     * moments that began with zeros t steps ago. With the steps of the whole training for t the
     * first tens of steps of a round would be three to six times too long, for the default betas.
     * Schedules go on counting all steps.
     */
    RESET
  }

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
    if (batchNormBatches < 0) {
      throw new IllegalArgumentException(
          "batchNormBatches is " + batchNormBatches + ", wanted 1 or more, or 0 for no estimate");
    }
    if (dealEvery < 0) {
      throw new IllegalArgumentException(
          "dealEvery is " + dealEvery + ", wanted 1 or more epochs, or 0 for never");
    }
  }

  static Averaging read(Settings settings) {
    settings.onlyKeys(
        "everySteps",
        "postLocal",
        "optimizerState",
        "outer",
        "movingAverage",
        "batchNormBatches",
        "dealEvery");
    int everySteps = settings.integer("everySteps", DEFAULT.everySteps);
    PostLocal postLocal = PostLocal.read(settings.section("postLocal"));
    OptimizerStates optimizerState =
        settings.constant("optimizerState", "treatment", DEFAULT.optimizerState);
    OuterStep outer = OuterStep.read(settings.section("outer"));
    double decay = settings.number("movingAverage", DEFAULT.movingAverage.decay());
    int batches = settings.integer("batchNormBatches", DEFAULT.batchNormBatches);
    int dealEvery = settings.integer("dealEvery", DEFAULT.dealEvery);
    return settings.checked(
        () ->
            new Averaging(
                everySteps,
                postLocal,
                optimizerState,
                outer,
                new MovingAverage(decay),
                batches,
                dealEvery));
  }

  ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode().put("everySteps", everySteps);
    tree.putObject("postLocal")
        .put("everySteps", postLocal.everySteps())
        .put("epochs", postLocal.epochs());
    tree.put("optimizerState", Settings.name(optimizerState));
    tree.set("outer", outer.toTree());
    tree.put("movingAverage", movingAverage.decay())
        .put("batchNormBatches", batchNormBatches)
        .put("dealEvery", dealEvery);
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

  /** What is carried into the first round: zeros, of as many values as these settings want. */
  public AveragingState newState(ParameterLayout layout) {
    return new AveragingState(
        new float[outerMomentumSize(layout)], new float[movingAverageSize(layout)]);
  }

  /** Values of the outer momentum. */
  public int outerMomentumSize(ParameterLayout layout) {
    return outer.hasMomentum() ? layout.trainableSize() : 0;
  }

  /** Values of the moving average. */
  public int movingAverageSize(ParameterLayout layout) {
    return movingAverage.isOn() ? layout.size() : 0;
  }

  /**
   * Ends a round: takes the outer step, and moves the moving average.
   *
   * @param steps of the round
   * @param stepsPerEpoch steps that the largest shard takes in an epoch
   * @param start the parameters that the round started from
   * @param next the average of its replicas; overwritten by what the next round starts from
   * @param state overwritten
   */
  public void endRound(
      StepRange steps, int stepsPerEpoch, float[] start, Parameters next, AveragingState state) {
    outer.step(start, next.values(), state.outerMomentum(), next.layout().trainableSize());
    if (movingAverage.isOn()) {
      movingAverage.move(state.movingAverage(), next.values(), steps, stepsPerEpoch);
    }
  }
}
