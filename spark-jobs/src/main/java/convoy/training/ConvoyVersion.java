package convoy.training;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this Convoy, as the build writes it into the jar. */
public final class ConvoyVersion {
  private static final String FILE = "/convoy.properties";

  private ConvoyVersion() {}

  /** The version, as "0.1.0". */
  public static String here() {
    try (InputStream stream = ConvoyVersion.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException(FILE + " is missing: the jar was not built by Maven");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
