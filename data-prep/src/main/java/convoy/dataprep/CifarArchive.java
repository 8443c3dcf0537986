package convoy.dataprep;

import convoy.storage.Storage;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * CIFAR's binary files as a tar.gz archive, which is read as a stream and never unpacked.
 *
 * <p>It is read twice: once to check its entries and to find the class names, which may come last,
 * and once, by one task, for the images.
 */
final class CifarArchive {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int CLASS_NAMES_LIMIT_BYTES = 1 << 20;

  private CifarArchive() {}

  static ImageSource open(Storage storage, Path archive, boolean coarseLabels) throws IOException {
    checkMagic(storage, archive);
    Map<String, Long> sizes = new HashMap<>();
    Map<String, String> texts = new HashMap<>();
    try (InputStream content = content(storage, archive)) {
      scan(archive, new TarArchiveInputStream(content), sizes, texts);
      // The checksum that tells altered images lies behind the last entry.
      content.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          archive + ": no readable tar.gz archive (" + e.getMessage() + "); is it complete?", e);
    }
    CifarLayout layout =
        CifarLayout.detect(archive.toString(), List.copyOf(sizes.keySet()), coarseLabels);
    for (Map.Entry<String, Long> file : sizes.entrySet()) {
      if (layout.splitOf(file.getKey()).isPresent()) {
        layout.records(archive + ", entry " + file.getKey(), file.getValue());
      }
    }
    List<String> classNames =
        CifarLayout.classNames(texts.getOrDefault(layout.classNamesFile(), ""));
    SourceSlice slice = new Slice(layout, archive.toString(), classNames.size());
    return new ImageSource(layout.title() + " " + archive, classNames, List.of(slice));
  }

  private static void checkMagic(Storage storage, Path archive) throws IOException {
    byte[] magic;
    try (InputStream stream = storage.open(archive)) {
      magic = stream.readNBytes(2);
    }
    if (magic.length == 0) {
      throw new IllegalArgumentException(archive + ": the source is empty");
    }
    if (!Arrays.equals(magic, new byte[] {0x1F, (byte) 0x8B})) {
      throw new IllegalArgumentException(
          archive + ": a file that is no gzip; expected a tar.gz archive or a folder of images");
    }
  }

  private static void scan(
      Path archive, TarArchiveInputStream tar, Map<String, Long> sizes, Map<String, String> texts)
      throws IOException {
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      checkEntry(archive, entry);
      String name = fileName(entry);
      if (entry.isDirectory() || name.startsWith(".")) {
        continue;
      }
      if (sizes.put(name, entry.getSize()) != null) {
        throw new IllegalArgumentException(archive + ": holds two files named " + name);
      }
      if (name.endsWith(".txt") && entry.getSize() <= CLASS_NAMES_LIMIT_BYTES) {
        byte[] content = tar.readNBytes(CLASS_NAMES_LIMIT_BYTES);
        texts.put(name, new String(content, StandardCharsets.UTF_8));
      }
    }
  }

  private static void checkEntry(Path archive, TarArchiveEntry entry) {
    String name = entry.getName();
    boolean outside = name.startsWith("/") || Arrays.asList(name.split("[/\\\\]")).contains("..");
    if (outside) {
      throw new IllegalArgumentException(
          archive + ": entry '" + name + "' points outside the archive's folder; don't trust it");
    }
    if (!entry.isDirectory() && !entry.isFile() || entry.isLink() || entry.isSymbolicLink()) {
      throw new IllegalArgumentException(
          archive + ": entry '" + name + "' is a link or a device, expected files and folders");
    }
  }

  private static String fileName(TarArchiveEntry entry) {
    String name = entry.getName();
    return name.substring(name.lastIndexOf('/') + 1);
  }

  private static InputStream content(Storage storage, Path archive) throws IOException {
    InputStream file = storage.open(archive);
    try {
      return new BufferedInputStream(new GZIPInputStream(file, BUFFER_BYTES), BUFFER_BYTES);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** The whole archive. */
  private record Slice(CifarLayout layout, String archive, int classes) implements SourceSlice {
    @Override
    public Iterator<SourceItem> read(Storage storage) throws IOException {
      TarArchiveInputStream tar = new TarArchiveInputStream(content(storage, new Path(archive)));
      Optional.ofNullable(TaskContext.get())
          .ifPresent(task -> task.addTaskCompletionListener(closing(tar)));
      return new Records(layout, archive, classes, tar);
    }

    private static TaskCompletionListener closing(TarArchiveInputStream tar) {
      return task -> {
        try {
          tar.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
    }
  }

  /** Reads one record at a time, entry after entry. */
  private static final class Records implements Iterator<SourceItem> {
    private final CifarLayout layout;
    private final String archive;
    private final int classes;
    private final TarArchiveInputStream tar;
    private final byte[] record;
    private String file = "";
    private Split split = Split.TRAIN;
    private long recordsLeft;
    private long recordsRead;
    private boolean atEnd;

    Records(CifarLayout layout, String archive, int classes, TarArchiveInputStream tar) {
      this.layout = layout;
      this.archive = archive;
      this.classes = classes;
      this.tar = tar;
      record = new byte[layout.recordBytes()];
    }

    @Override
    public boolean hasNext() {
      try {
        while (recordsLeft == 0 && !atEnd) {
          nextEntry();
        }
        return !atEnd;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void nextEntry() throws IOException {
      TarArchiveEntry entry = tar.getNextEntry();
      if (entry == null) {
        atEnd = true;
        tar.close();
        return;
      }
      file = fileName(entry);
      Optional<Split> found = layout.splitOf(file);
      if (found.isPresent()) {
        split = found.get();
        recordsLeft = layout.records(archive + ", entry " + file, entry.getSize());
        recordsRead = 0;
      }
    }

    @Override
    public SourceItem next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      try {
        if (tar.readNBytes(record, 0, record.length) < record.length) {
          throw new EOFException(archive + ", entry " + file + ": ends within a record");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      String origin = archive + ", entry " + file + ", record " + recordsRead;
      recordsRead++;
      recordsLeft--;
      return layout.decode(record, 0, split, origin, classes);
    }
  }
}
