package convoy.evaluation;

import java.io.IOException;

/** All images were scored and counted, but what the models say of each could not be written. */
public final class UnwrittenPredictionsException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Scores scores;

  UnwrittenPredictionsException(Scores scores, Exception cause) {
    super(cause);
    this.scores = scores;
  }

  @Override
  public synchronized Exception getCause() {
    return (Exception) super.getCause();
  }

  /** What was counted. */
  public Scores scores() {
    return scores;
  }
}
