package convoy.training;

import convoy.averaging.ModelEvaluation;
import convoy.averaging.ReplicaSettings;
import convoy.averaging.ScorerSettings;
import convoy.cluster.Numerics;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import convoy.sharding.DatasetCheck;
import convoy.sharding.ShardedDataset;
import java.util.Optional;

/**
 * What is trained, on what, and how.
 *
 * @param dataset what to train on
 * @param network what to train; gets the data set's class names
 * @param config the settings
 */
public record TrainingSetup(ImageDataset dataset, NetworkSpec network, TrainingConfig config) {

  /**
   * @throws IllegalArgumentException if the network does not fit the images, the classes or the
   *     loss, or the augmentation the images
   */
  public TrainingSetup {
    DatasetCheck.check(dataset, network);
    try {
      config.loss().checkFits(network.lastLayer());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("network " + network.name() + ": " + e.getMessage(), e);
    }
    config.augmentation().checkFits(network.input());
    network = network.withClassNames(dataset.classNames());
  }

  /** How many images fall to the validation share, about: their content decides. */
  public long validationImages() {
    return Math.round(dataset.images(Split.TRAIN) * config.validationFraction());
  }

  /** How many images are trained on, about. */
  public long trainingImages() {
    return dataset.images(Split.TRAIN) - validationImages();
  }

  /**
   * Checks that the images can be divided among {@code shards} shards, as far as their numbers are
   * known without a look at them.
   *
   * @throws IllegalArgumentException if not; see {@link ShardedDataset#check}
   */
  public void checkShards(int shards) {
    ShardedDataset.check(trainingImages(), validationImages(), shards, dataset.imageSize());
  }

  /** What the replicas are made from, of an epoch over about {@link #trainingImages()}. */
  public ReplicaSettings replica() {
    long largestShard = (trainingImages() + config.shards() - 1) / config.shards();
    int steps = StepRange.stepsPerEpoch(Math.toIntExact(largestShard), config.batchSize());
    return replica(Math.max(1, steps));
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
        Optional.of(dataset.rowOrder()),
        numerics.version(),
        numerics.kernels(),
        ConvoyVersion.here());
  }
}
