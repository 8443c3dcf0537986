package convoy.engine.checkpoint;

import convoy.engine.settings.Settings;
import java.io.IOException;

/** The number of a file's format, by which a later Convoy's file is told from a damaged one. */
final class FormatVersion {
  private FormatVersion() {}

  /**
   * Refuses another version.
   *
   * @throws IOException if the file is of another version
   * @throws IllegalArgumentException if it does not say
   */
  static void require(Settings settings, String file, int version) throws IOException {
    int found = settings.integer("formatVersion");
    if (found != version) {
      throw new IOException(
          file
              + ": formatVersion is "
              + found
              + ", this Convoy reads "
              + version
              + "; use the Convoy that wrote it");
    }
  }
}
