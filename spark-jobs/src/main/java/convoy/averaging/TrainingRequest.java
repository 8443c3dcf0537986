package convoy.averaging;

import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;

/**
 * A training that is asked for.
 *
 * @param dataset what to train on
 * @param network what to train; gets the data set's class names
 * @param config the settings
 * @param folder where the run's files go
 * @param existing what to do with a run that is there
 * @param acceptNumerics whether to resume although the arithmetic has changed since
 * @param beginning what it begins with
 */
public record TrainingRequest(
    ImageDataset dataset,
    NetworkSpec network,
    TrainingConfig config,
    RunFolder folder,
    Existing existing,
    boolean acceptNumerics,
    Beginning beginning) {

  /** What to do with a run that is there already. */
  public enum Existing {
    /** Refuse to train. */
    REFUSE,
    /** Go on from its newest checkpoint; begin where there is none. */
    RESUME,
    /** Replace it. */
    OVERWRITE
  }

  /**
   * @throws IllegalArgumentException if the network does not fit the images, the classes or the
   *     loss, or the augmentation the images
   */
  public TrainingRequest {
    ModelEvaluation.checkFits(dataset, network);
    try {
      config.loss().checkFits(network.lastLayer());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("network " + network.name() + ": " + e.getMessage(), e);
    }
    config.augmentation().checkFits(network.input());
    network = network.withClassNames(dataset.classNames());
  }

  /**
   * What the replicas are made from.
   *
   * @param stepsPerEpoch steps of an epoch, those of the largest shard
   * @throws IllegalArgumentException if the schedule does not fit so few steps
   */
  ReplicaSettings replica(int stepsPerEpoch) {
    return new ReplicaSettings(
        network.toYaml(),
        config.batchSize(),
        config.threadsPerReplica(),
        config.augmentation(),
        config.loss(),
        config.descent(stepsPerEpoch));
  }

  /** What validates. */
  ScorerSettings scorer() {
    return new ScorerSettings(
        network.toYaml(), ModelEvaluation.BATCH_SIZE, config.threadsPerReplica());
  }

  /** What the weights are made of and by. */
  RunState.Provenance provenance() {
    Numerics numerics = Numerics.here();
    return new RunState.Provenance(
        dataset.fingerprint().toString(),
        numerics.version(),
        numerics.kernels(),
        ConvoyVersion.here());
  }
}
