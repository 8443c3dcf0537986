package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.Row;

/** Runs of {@link Prepare} in the tests' Spark session, and what comes of them. */
final class TestPrepare {
  private TestPrepare() {}

  static PrepareResult run(Path source, Path out, Existing existing) throws IOException {
    return run(PrepareOptions.defaults(source.toString(), out.toString()).withExisting(existing));
  }

  static PrepareResult run(PrepareOptions options) throws IOException {
    return new Prepare(TestSpark.session()).run(options);
  }

  static ImageDataset open(Path out) throws IOException {
    return ImageDataset.open(
        out.toString(), TestSpark.session().sparkContext().hadoopConfiguration());
  }

  /** The one line with which a run is refused. */
  static String refusal(Path source, Path out, Existing existing) {
    String line =
        assertThrows(IllegalArgumentException.class, () -> run(source, out, existing)).getMessage();
    assertEquals(1, line.lines().count(), line);
    return line;
  }

  /**
   * Checks that a source is refused with a line that has all of {@code expected}, before output.
   */
  static void refused(Path source, Path out, String... expected) {
    String line = refusal(source, out, Existing.REFUSE);
    for (String text : expected) {
      assertTrue(line.contains(text), "'" + line + "' lacks '" + text + "'");
    }
    assertFalse(Files.exists(out), "the output was begun");
  }

  /** Each row as text (id, label, size, pixels), by id, of the data set opened anew. */
  static List<String> rows(PrepareResult result, Split split) throws IOException {
    ImageDataset dataset = open(Path.of(result.dataset().folder().toUri().getPath()));
    assertEquals(result.dataset(), dataset);
    List<String> texts = new ArrayList<>();
    for (Row row : dataset.rows(TestSpark.session(), split).orderBy("id").collectAsList()) {
      ImageSize size = new ImageSize(row.getInt(2), row.getInt(3), row.getInt(4));
      String pixels = HexFormat.of().formatHex(row.<byte[]>getAs(5));
      texts.add(row.getLong(0) + " " + row.getInt(1) + " " + size + " " + pixels);
    }
    assertEquals(dataset.images(split), texts.size());
    return texts;
  }

  /** The names in a folder, sorted. */
  static List<String> names(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
