package convoy.averaging;

import convoy.cluster.Numerics;
import convoy.engine.training.StepRange;
import java.io.Serializable;

/**
 * What a task needs to know of its round beside the state that it starts from.
 *
 * @param round number of the round, from 1
 * @param steps which steps each shard takes
 * @param replica what the replicas are made from
 * @param slicing how their states are cut for averaging
 * @param seed of all random numbers
 * @param numerics the driver's arithmetic, which each task's has to equal
 */
public record RoundPlan(
    long round,
    StepRange steps,
    ReplicaSettings replica,
    Slicing slicing,
    long seed,
    Numerics numerics)
    implements Serializable {

  /** The learning rate of the epoch's step {@code step}. */
  double learningRate(int step) {
    return replica.descent().learningRate(steps.number(step));
  }

  /** The learning rate of the round's last step. */
  double learningRate() {
    return learningRate(steps.to() - 1);
  }

  /** What a user reads in Spark's UI, with epochs counted from 1. */
  String description() {
    return "epoch " + (steps.epoch() + 1) + ", round " + round;
  }
}
