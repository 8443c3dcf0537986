package convoy.job;

import convoy.engine.network.StepTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The parts of a training step and their times, as lines for a terminal. */
final class StepTable {
  private static final String NONE = "-";

  private StepTable() {}

  /**
   * A line for each of {@code times}, in their order, and their sum; with the share of the floor,
   * forward and backward, where {@code floors} has one.
   */
  static List<String> lines(List<StepTime> times, List<FloorShare> floors) {
    int name = "operation".length();
    int operation = name;
    for (StepTime time : times) {
      name = Math.max(name, time.name().length());
      operation = Math.max(operation, time.operation().length());
    }
    String row = "%-" + name + "s  %-" + operation + "s %10s %11s %7s %8s %10s";
    List<String> lines = new ArrayList<>();
    lines.add(
        line(row, "step", "operation", "forward ms", "backward ms", "share", "GFLOP/s", "floor"));
    StepTime sum = sum(times);
    for (StepTime time : times) {
      lines.add(line(row, time, sum.millis(), floor(time, floors)));
    }
    lines.add(line(row, sum, sum.millis(), NONE));
    return lines;
  }

  private static String floor(StepTime time, List<FloorShare> floors) {
    for (FloorShare floor : floors) {
      if (floor.name().equals(time.name())) {
        String backward =
            floor.backwardMillis() == 0 ? NONE : number("%.0f %%", 100 * floor.backwardShare());
        return number("%.0f", 100 * floor.forwardShare()) + " / " + backward;
      }
    }
    return NONE;
  }

  private static String line(String row, StepTime time, double sumMillis, String floor) {
    return line(
        row,
        time.name(),
        time.operation(),
        number("%.3f", time.forwardMillis()),
        number("%.3f", time.backwardMillis()),
        number("%.1f %%", 100 * time.millis() / sumMillis),
        time.multiplications() == 0 ? NONE : number("%.1f", time.gigaflops()),
        floor);
  }

  private static String line(String row, Object... cells) {
    return String.format(Locale.ROOT, row, cells);
  }

  /** All of {@code times} together. */
  static StepTime sum(List<StepTime> times) {
    return new StepTime(
        "sum",
        "",
        times.stream().mapToDouble(StepTime::forwardMillis).sum(),
        times.stream().mapToDouble(StepTime::backwardMillis).sum(),
        times.stream().mapToLong(StepTime::multiplications).sum());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
