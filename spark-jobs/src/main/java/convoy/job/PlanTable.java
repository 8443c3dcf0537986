package convoy.job;

import convoy.planning.ClusterTimes;
import convoy.planning.EpochForecast;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan as people read it. */
final class PlanTable {
  private PlanTable() {}

  /** For steps of {@code batchSize} images. */
  static List<String> lines(PlanResult result, int batchSize) {
    List<String> lines = new ArrayList<>();
    ClusterTimes found = result.calibration();
    lines.add(
        format(
            "measured on %s, %s at once on each:",
            count(found.executors(), "executor"), count(found.tasksPerExecutor(), "replica")));
    lines.add(
        format(
            "  a step of %s %.3f s, a round without steps %.2f s, of %s a replica",
            count(batchSize, "image"),
            found.stepSeconds(),
            found.roundSeconds(),
            bytes(found.stateBytes())));
    lines.add("");
    TextTable table = new TextTable(0);
    table.add("", "", "average", "", "seconds", "", "bytes an epoch", "", "heap of", "heap of an");
    table.add(
        "executors",
        "shards",
        "every",
        "rounds",
        "an epoch",
        "averaging",
        "sent out",
        "reduced",
        "the driver",
        "executor");
    for (EpochForecast epoch : result.epochs()) {
      table.add(
          TextTable.count(epoch.executors()),
          TextTable.count(epoch.shards()),
          epoch.everySteps() == 0 ? "epoch" : epoch.everySteps() + " steps",
          TextTable.count(epoch.rounds()),
          format("%,.1f", epoch.seconds()),
          format("%.1f%%", 100 * epoch.synchronizationShare()),
          bytes(epoch.broadcastBytes()),
          bytes(epoch.reducedBytes()),
          bytes(epoch.driverBytes()),
          bytes(epoch.executorBytes()));
    }
    lines.addAll(table.lines());
    if (!result.comparisons().isEmpty()) {
      lines.add("");
    }
    result.comparisons().forEach(comparison -> lines.add(line(comparison)));
    return lines;
  }

  private static String line(PlanResult.Comparison comparison) {
    String than =
        format(
            "%d executors take %.1f s an epoch, one takes %.1f s",
            comparison.executors(), comparison.seconds(), comparison.secondsOfOne());
    return comparison.oneIsBetter()
        ? than + ": one machine is the better choice"
        : than + format(": %.2f times as fast", comparison.speedUp());
  }

  private static String count(int number, String noun) {
    return format("%,d %s%s", number, noun, number == 1 ? "" : "s");
  }

  /** In megabytes, or where these are many in gigabytes. */
  private static String bytes(long bytes) {
    return bytes < 10_000_000_000L
        ? format("%,.1f MB", bytes * 1e-6)
        : format("%,.1f GB", bytes * 1e-9);
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
