package convoy.job;

import convoy.engine.evaluation.Calibration;
import java.util.Locale;

/**
 * How often predictions of each confidence are right, as a drawing in SVG: a bar for each bin, as
 * high as the share that is right, beside the line on which confidence and share are equal; below
 * it how many predictions there are.
 */
final class ReliabilityDiagram {
  private static final int SIDE = 300;
  private static final int COUNTS = 60;
  private static final int MARGIN = 45;

  private ReliabilityDiagram() {}

  static String svg(Calibration calibration) {
    StringBuilder svg = new StringBuilder();
    int width = SIDE + 2 * MARGIN, height = SIDE + COUNTS + 3 * MARGIN;
    add(
        svg,
        "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"12\""
            + " fill=\"#555\">%n",
        width,
        height,
        width,
        height);
    long most = 1;
    for (Calibration.Bin bin : calibration.bins()) {
      most = Math.max(most, bin.images());
    }
    for (Calibration.Bin bin : calibration.bins()) {
      double left = MARGIN + bin.from() * SIDE, bar = (bin.to() - bin.from()) * SIDE - 2;
      double right = bin.accuracy() * SIDE, count = (double) COUNTS * bin.images() / most;
      add(svg, rectangle("#1f77b4"), left + 1, MARGIN + SIDE - right, bar, right);
      add(svg, rectangle("#bbb"), left + 1, 2.0 * MARGIN + SIDE + COUNTS - count, bar, count);
      if (bin.images() > 0) {
        double x = MARGIN + bin.confidence() * SIDE;
        add(
            svg,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#d64541\"/>%n",
            x,
            MARGIN + SIDE - right);
      }
    }
    add(
        svg,
        "<path d=\"M%d %d h%d M%d %d v%d\" stroke=\"#555\"/>%n",
        MARGIN,
        MARGIN + SIDE,
        SIDE,
        MARGIN,
        MARGIN,
        SIDE);
    add(
        svg,
        "<path d=\"M%d %d L%d %d\" stroke=\"#555\" stroke-dasharray=\"4\"/>%n",
        MARGIN,
        MARGIN + SIDE,
        MARGIN + SIDE,
        MARGIN);
    for (int tenth = 0; tenth <= 10; tenth += 2) {
      int at = SIDE * tenth / 10;
      add(
          svg,
          "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%.1f</text>"
              + "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.1f</text>%n",
          MARGIN + at,
          MARGIN + SIDE + 16,
          tenth / 10.0,
          MARGIN - 6,
          MARGIN + SIDE - at + 4,
          tenth / 10.0);
    }
    add(
        svg,
        "<text x=\"%d\" y=\"%d\">share that is right, by confidence (calibration error %.4f)"
            + "</text>%n<text x=\"%d\" y=\"%d\">predictions in each bin, at most %,d</text>%n"
            + "</svg>%n",
        MARGIN,
        MARGIN - 14,
        calibration.error(),
        MARGIN,
        2 * MARGIN + SIDE + COUNTS + 16,
        most);
    return svg.toString();
  }

  private static String rectangle(String colour) {
    return "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"" + colour + "\"/>%n";
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
