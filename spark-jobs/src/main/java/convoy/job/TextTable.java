package convoy.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Rows of text for a terminal, each column as wide as its longest cell. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final int leftColumns;

  /** A table whose first {@code leftColumns} columns are aligned left, the others right. */
  TextTable(int leftColumns) {
    this.leftColumns = leftColumns;
  }

  /** Adds a row; cells that are missing at its end are empty. */
  void add(String... cells) {
    rows.add(cells);
  }

  /** The rows, without blanks at their ends. */
  List<String> lines() {
    int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    return rows.stream().map(row -> line(Arrays.copyOf(row, columns), widths)).toList();
  }

  private String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String cell = row[i] == null ? "" : row[i];
      String blanks = " ".repeat(widths[i] - cell.length());
      line.append(i == 0 ? "" : GAP).append(i < leftColumns ? cell + blanks : blanks + cell);
    }
    return line.toString().stripTrailing();
  }

  /** A number with separators between the thousands. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
