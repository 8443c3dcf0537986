package convoy.averaging;

import convoy.engine.optimizer.OuterStep;

/** Says that a loss or a parameter became NaN or infinite: where, and at which learning rate. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With one line that names the round, and shard and learning rate as far as they matter. */
  public DivergenceException(String message) {
    super(message);
  }

  /** Of {@code divergence} in the round {@code plan}. */
  static DivergenceException of(RoundPlan plan, Divergence divergence) {
    return inRound(
        plan,
        ", shard "
            + divergence.shard()
            + ": a loss or parameter became NaN or infinite at step "
            + (divergence.step() + 1)
            + " of the epoch",
        plan.learningRate(divergence.step()));
  }

  /** Of means so far apart that their variance is beyond a float. */
  static DivergenceException ofStatistics(RoundPlan plan) {
    String what = ": a running variance of all shards together became infinite";
    return inRound(plan, what, plan.learningRate());
  }

  /** Of weights by which a batch normalisation measures what is beyond a float. */
  static DivergenceException ofEstimate(int epoch) {
    return new DivergenceException(
        "epoch "
            + (epoch + 1)
            + ": a mean or variance of a batch normalisation, estimated anew, became NaN or"
            + " infinite; earlier checkpoints are good: train anew with a lower learning rate");
  }

  /** Of an average whose step leads to a parameter beyond a float. */
  public static DivergenceException ofOuterStep(RoundPlan plan, OuterStep outer) {
    return new DivergenceException(
        plan.description()
            + ": a parameter became infinite in the step from the average, at"
            + " averaging.outer.learningRate "
            + outer.learningRate()
            + "; earlier checkpoints are good: train anew with a lower one");
  }

  private static DivergenceException inRound(RoundPlan plan, String what, double learningRate) {
    return new DivergenceException(
        plan.description()
            + what
            + ", at learning rate "
            + learningRate
            + "; earlier checkpoints are good: train anew with a lower learning rate");
  }
}
