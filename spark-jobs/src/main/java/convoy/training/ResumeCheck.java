package convoy.training;

import convoy.cluster.Numerics;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.NetworkSpec;
import convoy.engine.settings.Difference;
import convoy.engine.training.TrainingConfig;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks that a training can go on from a checkpoint with the same bits as without a stop.
 *
 * @param old the checkpoint's state
 * @param oldNetwork the checkpoint's network
 */
record ResumeCheck(RunState old, NetworkSpec oldNetwork) {
  private static final Logger LOG = LoggerFactory.getLogger(ResumeCheck.class);

  /**
   * Compares with what the training would go on with.
   *
   * @throws IllegalArgumentException if settings, network, data or numerics differ; names them
   */
  void check(
      TrainingConfig config, NetworkSpec network, RunState.Provenance now, boolean acceptNumerics) {
    List<Difference> differences = old.config().differencesOnResume(config);
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "--resume wants the settings of the run (--config with its config.yaml): "
              + differences.stream().map(Difference::toString).collect(Collectors.joining("; "))
              + (differences.stream().anyMatch(difference -> difference.key().equals("epochs"))
                  ? "; schedule " + old.config().schedule().name() + " spans all epochs of the run"
                  : ""));
    }
    if (!oldNetwork.equals(network)) {
      throw new IllegalArgumentException(
          "--resume wants the network of the run, "
              + oldNetwork.name()
              + ": --network "
              + network.name()
              + " is another one, or it was changed since");
    }
    RunState.Provenance then = old.provenance();
    if (!then.dataFingerprint().equals(now.dataFingerprint())) {
      throw new IllegalArgumentException(
          "--resume wants the data of the run, fingerprint "
              + then.dataFingerprint()
              + ": that of --data is "
              + now.dataFingerprint());
    }
    if (then.rowOrder().isPresent() && !then.rowOrder().equals(now.rowOrder())) {
      throw new IllegalArgumentException(
          "--resume wants the data of the run: --data has the same images in another order, as"
              + " another --seed or other parts give");
    }
    Numerics numericsThen = new Numerics(then.numericsVersion(), then.kernels());
    Numerics numericsNow = new Numerics(now.numericsVersion(), now.kernels());
    if (!numericsThen.equals(numericsNow)) {
      String change = "the run computed with " + numericsThen + ", this would be " + numericsNow;
      if (!acceptNumerics) {
        throw new IllegalArgumentException(
            change + ": its bits would differ from an uninterrupted run; add --accept-numerics");
      }
      LOG.warn("{}", change);
    }
  }
}
