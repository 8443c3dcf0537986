package convoy.launch;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The settings that a submission passes to Spark, from four sources: Convoy's
 * conf/spark-defaults.conf and the defaults that depend on this machine, then the
 * spark-defaults.conf of the Spark in use, then the command line; a later source wins.
 */
record SparkSettings(Map<String, String> effective, Map<String, String> known) {
  private static final String FILE = "spark-defaults.conf";

  /**
   * Merges the sources.
   *
   * @param ours Convoy's defaults
   * @param theirs the defaults of the Spark in use, which spark-submit reads by itself
   * @param options the command line's settings
   */
  static SparkSettings merge(
      Map<String, String> ours, Map<String, String> theirs, Map<String, String> options) {
    Map<String, String> effective = new TreeMap<>(ours);
    effective.putAll(theirs);
    effective.putAll(options);
    return new SparkSettings(effective, theirs);
  }

  /** Reads a spark-defaults.conf in {@code folder}; none is as good as an empty one. */
  static Map<String, String> read(Path folder) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    Path file = folder.resolve(FILE);
    if (Files.isRegularFile(file)) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
      properties
          .stringPropertyNames()
          .forEach(name -> settings.put(name, properties.getProperty(name).strip()));
    }
    return settings;
  }

  /** These settings with one more, or with another value for it. */
  SparkSettings with(String key, String value) {
    Map<String, String> changed = new TreeMap<>(effective);
    changed.put(key, value);
    return new SparkSettings(changed, known);
  }

  /** The value in force; empty if there is none. */
  String value(String key) {
    return effective.getOrDefault(key, "");
  }

  /** What spark-submit does not know by itself. */
  Map<String, String> toPass() {
    Map<String, String> pass = new TreeMap<>(effective);
    pass.entrySet().removeIf(entry -> entry.getValue().equals(known.get(entry.getKey())));
    return pass;
  }
}
