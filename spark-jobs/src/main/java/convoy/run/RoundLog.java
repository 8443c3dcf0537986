package convoy.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.averaging.RoundFigures;
import convoy.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code rounds.jsonl} of a run: a line of JSON for each round, in their order.
 *
 * <p>Hadoop's file systems can't all append, so the file is replaced each time, in one step. Its
 * lines are written before the checkpoint of the last of them, and whoever goes on from a
 * checkpoint drops the lines of later rounds, which will be trained again. So no line is lost or
 * there twice, whenever a driver dies.
 */
public final class RoundLog {
  private static final Logger LOG = LoggerFactory.getLogger(RoundLog.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The file's name. */
  public static final String FILE = "rounds.jsonl";

  private final Storage storage;
  private final Path file;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private long writtenBytes;

  private RoundLog(Storage storage, Path file, long writtenBytes) {
    this.storage = storage;
    this.file = file;
    this.writtenBytes = writtenBytes;
  }

  /**
   * Opens the log of the run in {@code folder}, which goes on after {@code round}: lines of later
   * rounds are removed.
   *
   * @throws IllegalArgumentException if the file was altered, so that a line is none or is not in
   *     its place; names the line
   */
  static RoundLog open(Storage storage, Path folder, long round) throws IOException {
    Path file = new Path(folder, FILE);
    if (!storage.exists(file)) {
      return new RoundLog(storage, file, 0);
    }
    RoundLog log = new RoundLog(storage, file, bytesUpTo(storage, file, round));
    if (log.writtenBytes == 0) {
      storage.delete(file);
    } else if (log.writtenBytes < storage.sizeBytes(file)) {
      log.replace();
    }
    return log;
  }

  /** Removes the log of the run in {@code folder} where {@link #open} would refuse it. */
  static void removeIfAltered(Storage storage, Path folder, long round) throws IOException {
    Path file = new Path(folder, FILE);
    try {
      if (storage.exists(file)) {
        bytesUpTo(storage, file, round);
      }
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "{} is removed, and with it the lines of the rounds so far: {}", file, e.getMessage());
      storage.delete(file);
    }
  }

  /** The length of the lines of the rounds up to {@code round}. */
  private static long bytesUpTo(Storage storage, Path file, long round) throws IOException {
    long bytes = 0;
    long before = 0;
    int lines = 0;
    try (InputStream in = storage.open(file);
        MappingIterator<JsonNode> found = JSON.readerFor(JsonNode.class).readValues(in)) {
      while (found.hasNextValue()) {
        long number = found.nextValue().path("round").asLong(-1);
        if (number <= before) {
          throw altered(file, lines + 1, "its round is not that after round " + before);
        }
        if (number > round) {
          break;
        }
        before = number;
        lines++;
        bytes = found.getCurrentLocation().getByteOffset() + 1;
      }
    } catch (JsonProcessingException e) {
      throw altered(file, lines + 1, "it is not JSON");
    }
    if (bytes > storage.sizeBytes(file)) {
      throw altered(file, lines, "its end is missing");
    }
    if (lines < round) {
      LOG.warn("{} has lines of {} of the {} rounds so far", file, lines, round);
    }
    return bytes;
  }

  private static IllegalArgumentException altered(Path file, int line, String what) {
    return new IllegalArgumentException(
        file
            + " was altered at line "
            + line
            + ": "
            + what
            + "; restore it, or remove it to go on without its lines");
  }

  /** Adds the line of a round, which {@link #write} writes. */
  public void add(RoundFigures figures, String weightsDigest) throws IOException {
    pending.write(JSON.writeValueAsBytes(figures.toTree(weightsDigest)));
    pending.write('\n');
  }

  /**
   * Writes the lines that were added since the last time.
   *
   * @throws IOException if that fails; the file stays as it was
   */
  public void write() throws IOException {
    if (pending.size() > 0) {
      try {
        replace();
      } catch (IOException e) {
        throw RunFolder.unwritable(file, e);
      }
      writtenBytes += pending.size();
      pending.reset();
    }
  }

  private void replace() throws IOException {
    storage.writeAtomically(
        file,
        out -> {
          copyWritten(out);
          pending.writeTo(out);
        });
  }

  private void copyWritten(OutputStream out) throws IOException {
    if (writtenBytes == 0) {
      return;
    }
    try (InputStream in = storage.open(file)) {
      byte[] buffer = new byte[1 << 16];
      long left = writtenBytes;
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          throw new IOException(file + " was truncated: it had " + writtenBytes + " bytes before");
        }
        out.write(buffer, 0, count);
        left -= count;
      }
    }
  }
}
