package convoy.launch;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The choice of a garbage collector among the flags of a JVM, which starts with one only: where the
 * user chooses one, ours goes.
 */
final class CollectorChoice {
  private static final Pattern CHOICE =
      Pattern.compile("-XX:\\+Use(Epsilon|G1|Parallel|Serial|Shenandoah|Z)GC\\b");
  private static final Pattern OURS = Pattern.compile("(^|\\s+)-XX:\\+UseParallelGC(?=\\s|$)");
  private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");

  private CollectorChoice() {}

  /** The flags that every JVM takes that is started in {@code environment}. */
  static String flagsIn(Map<String, String> environment) {
    return VARIABLES.stream()
        .map(name -> environment.getOrDefault(name, ""))
        .collect(Collectors.joining(" "))
        .strip();
  }

  /** Whether {@code flags} choose a collector. */
  static boolean isIn(String flags) {
    return CHOICE.matcher(flags).find();
  }

  /** These flags without the collector of conf/spark-defaults.conf. */
  static String withoutOurs(String flags) {
    return OURS.matcher(flags).replaceAll("").strip();
  }
}
