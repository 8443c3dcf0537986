package convoy.training;

import convoy.run.RunFolder;

/**
 * A training that is asked for.
 *
 * @param setup what to train, on what, and how
 * @param folder where the run's files go
 * @param existing what to do with a run that is there
 * @param acceptNumerics whether to resume although the arithmetic has changed since
 * @param beginning what it begins with
 */
public record TrainingRequest(
    TrainingSetup setup,
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
    OVERWRITE;

    /** What somebody does who wants a training that was ended to go on. */
    String goOn() {
      return this == RESUME ? "the same command goes on" : "go on with --resume";
    }
  }
}
