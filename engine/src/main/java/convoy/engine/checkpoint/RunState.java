package convoy.engine.checkpoint;

import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import java.util.Optional;

/**
 * Where a training stands; {@code state.json} in a checkpoint.
 *
 * @param progress the counters
 * @param provenance what the weights were made of and by
 * @param config the training's settings, seed included
 * @param epochSums of the epoch that has begun; {@link EpochSums#NONE} between epochs
 * @param metrics of the last finished epoch, if one is
 * @param best the best validation so far, if there was one
 * @param waiting what early stopping has seen so far, if it is on
 * @param weightsDigest {@link WeightsDigest} of the checkpoint's weights
 */
public record RunState(
    Progress progress,
    Provenance provenance,
    TrainingConfig config,
    EpochSums epochSums,
    Optional<EpochMetrics> metrics,
    Optional<Best> best,
    Optional<EarlyStopping.Waiting> waiting,
    String weightsDigest) {
  /** Its file's name. */
  public static final String NAME = "state.json";

  /**
   * The counters of a training, all counted from its very beginning.
   *
   * @param round finished rounds
   * @param epoch finished epochs
   * @param stepInEpoch local steps taken in the epoch that has begun; 0 between epochs
   * @param step local steps of one replica: those that the optimizer has counted
   * @param imagesSeen images trained on, of all replicas together
   */
  public record Progress(long round, int epoch, int stepInEpoch, long step, long imagesSeen) {

    public Progress {
      atLeastZero("round", round);
      atLeastZero("epoch", epoch);
      atLeastZero("stepInEpoch", stepInEpoch);
      atLeastZero("step", step);
      atLeastZero("imagesSeen", imagesSeen);
    }
  }

  /**
   * What the weights were made of and by.
   *
   * @param dataFingerprint of the data set
   * @param rowOrder what tells data sets of the same rows in another order apart; none in
   *     checkpoints that were written before it was kept
   * @param numericsVersion of the kernels' arithmetic
   * @param kernels name of the kernels
   * @param convoyVersion of the program
   */
  public record Provenance(
      String dataFingerprint,
      Optional<String> rowOrder,
      int numericsVersion,
      String kernels,
      String convoyVersion) {}

  /**
   * What the rounds of an epoch have given so far, as exact sums, so that a training that goes on
   * in its middle reports the whole epoch.
   *
   * @param images number of images trained on
   * @param lossSum sum of their losses
   * @param correct number of images that were right
   */
  public record EpochSums(long images, double lossSum, long correct) {
    /** Of an epoch that has not begun. */
    public static final EpochSums NONE = new EpochSums(0, 0, 0);

    public EpochSums {
      atLeastZero("images", images);
      finite("lossSum", lossSum);
      atLeastZero("correct", correct);
    }
  }

  /**
   * The metrics of an epoch.
   *
   * @param trainingLoss mean over the epoch's images, each before the step that its batch took
   * @param trainingAccuracy share of them that were right then
   * @param validation of the averaged weights at the epoch's end, or of their moving average where
   *     there is one, if it was validated
   */
  public record EpochMetrics(
      double trainingLoss, double trainingAccuracy, Optional<Validation> validation) {

    public EpochMetrics {
      finite("trainingLoss", trainingLoss);
      finite("trainingAccuracy", trainingAccuracy);
    }
  }

  /**
   * How weights did on the validation images.
   *
   * @param loss mean over the images
   * @param accuracy share of the images that were right
   */
  public record Validation(double loss, double accuracy) {

    public Validation {
      finite("validationLoss", loss);
      finite("validationAccuracy", accuracy);
    }
  }

  /**
   * The best validation so far.
   *
   * @param round whose weights it was
   * @param validationAccuracy that they reached
   */
  public record Best(long round, double validationAccuracy) {

    public Best {
      atLeastZero("round", round);
      finite("validationAccuracy", validationAccuracy);
    }
  }

  public RunState {
    if (!Sha256.isHex(weightsDigest)) {
      throw new IllegalArgumentException(
          "weightsDigest is no SHA-256 in lowercase hexadecimal digits");
    }
    if (epochSums.images() > 0 != progress.stepInEpoch() > 0) {
      throw new IllegalArgumentException(
          "stepInEpoch is "
              + progress.stepInEpoch()
              + ", and epochSums are of "
              + epochSums.images()
              + " images");
    }
  }

  private static void atLeastZero(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted 0 or more");
    }
  }

  private static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted a finite number");
    }
  }
}
