package convoy.launch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How many workers a local cluster has, and how many cores each of them offers. */
record ClusterSize(int workers, int cores) {
  private static final Pattern SYNTAX = Pattern.compile("([1-9]\\d{0,2})(?:,([1-9]\\d{0,2}))?");

  @Override
  public String toString() {
    return workers
        + (workers == 1 ? " worker" : " workers")
        + " with "
        + cores
        + (cores == 1 ? " core" : " cores")
        + (workers == 1 ? "" : " each");
  }

  /** Reads "2" (of one core each) or "2,4". */
  static final class Reader implements ITypeConverter<ClusterSize> {
    @Override
    public ClusterSize convert(String text) {
      Matcher matcher = SYNTAX.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "got '" + text + "', wanted WORKERS or WORKERS,CORES as in 2 or 2,4");
      }
      String cores = matcher.group(2) == null ? "1" : matcher.group(2);
      return new ClusterSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(cores));
    }
  }
}
