package convoy.engine.checkpoint;

import java.io.IOException;

/** A file of a checkpoint is missing, truncated, altered or holds what it can't hold. */
public final class DamagedCheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String reason;

  /**
   * The message is "{@code file: reason}".
   *
   * @param file path of the file
   * @param reason what is wrong with it, in one line
   */
  public DamagedCheckpointException(String file, String reason) {
    super(file + ": " + reason);
    this.file = file;
    this.reason = reason;
  }

  /** Path of the damaged file. */
  public String file() {
    return file;
  }

  /** What is wrong with it. */
  public String reason() {
    return reason;
  }
}
