package convoy.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes files at Hadoop URIs, small ones whole and in one step.
 *
 * <p>A URI becomes a {@link Path} by {@link #path}, which refuses a wrong one in one line; all
 * other methods take such paths. Local files are read and written without Hadoop's checksum files
 * (".crc" siblings), which can't be replaced in one step together with their file.
 *
 * <p>A storage holds no open file and no state besides the configuration; it may be used by many
 * threads. It is not serialisable: a task makes its own.
 */
public final class Storage {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

  /** Where a rename that replaces a file is one step; elsewhere create(overwrite) is. */
  private static final Set<String> ATOMIC_RENAME_SCHEMES = Set.of("hdfs", "viewfs");

  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f-]{36}\\.tmp");

  /** What a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(OutputStream out) throws IOException;
  }

  private final Configuration configuration;

  /** Uses the file systems and credentials of {@code configuration}. */
  public Storage(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * Parses a URI or a path; without a scheme it belongs to the default file system, and a relative
   * local path to the working directory.
   *
   * @return the absolute path, with its scheme
   * @throws IllegalArgumentException if it is no URI, or no file system answers to its scheme
   */
  public Path path(String uri) {
    if (uri.isBlank()) {
      throw new IllegalArgumentException(
          "the URI is empty; wanted a local path or a URI such as hdfs://host/folder");
    }
    Path path;
    try {
      path = new Path(uri);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + uri + "' is no URI (" + firstLine(e) + "); put ./ before a name with a colon", e);
    }
    try {
      return fileSystem(path).makeQualified(path);
    } catch (IOException | RuntimeException e) {
      String scheme = path.toUri().getScheme();
      String which =
          scheme == null
              ? "fs.defaultFS, which is " + configuration.get(FileSystem.FS_DEFAULT_NAME_KEY)
              : "the scheme '" + scheme + "'";
      String cause =
          e instanceof org.apache.hadoop.fs.UnsupportedFileSystemException
              ? "no file system is known for "
                  + which
                  + "; is the jar of its connector on the class path?"
              : firstLine(e) + "; wanted a local path or a URI such as hdfs://host/folder";
      throw new IllegalArgumentException("'" + uri + "' can't be used: " + cause, e);
    }
  }

  /** Whether there is a file or folder at {@code path}. */
  public boolean exists(Path path) throws IOException {
    return fileSystem(path).exists(path);
  }

  /** Whether there is a folder at {@code path}; false too if there is nothing. */
  public boolean isFolder(Path path) throws IOException {
    try {
      return fileSystem(path).getFileStatus(path).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /**
   * Whether {@code path} is neither file nor folder, as a device or a pipe, or a name of one such
   * as /dev/stdout: it is written to, and never replaced.
   */
  public boolean isStream(Path path) throws IOException {
    return isLocal(path) && LocalFiles.isStream(path);
  }

  /** The length of a file. */
  public long sizeBytes(Path file) throws IOException {
    return fileSystem(file).getFileStatus(file).getLen();
  }

  /** What lies directly in a folder, hidden things included, sorted by name. */
  public List<FileStatus> list(Path folder) throws IOException {
    List<FileStatus> found = new ArrayList<>(Arrays.asList(fileSystem(folder).listStatus(folder)));
    found.sort(Comparator.comparing((FileStatus status) -> status.getPath().getName()));
    return found;
  }

  /** Opens a file for reading from any position; the caller closes it. */
  public FSDataInputStream open(Path file) throws IOException {
    return fileSystem(file).open(file);
  }

  /**
   * Opens a file of any length for writing, replacing one that exists; the caller closes it, and
   * readers may see it half written until then. Missing folders are made.
   */
  public OutputStream create(Path file) throws IOException {
    return isLocal(file)
        ? LocalFiles.create(file)
        : new RemoteStream(fileSystem(file).create(file, true));
  }

  /**
   * Checks, before long work whose results go there, that a path is a folder or can become one; it
   * makes nothing.
   *
   * @throws IllegalArgumentException if it or something above it is a file, or, of a local folder,
   *     if it can't be written to
   */
  public void checkFolder(Path folder) throws IOException {
    for (Path path = folder; path != null; path = path.getParent()) {
      if (!exists(path)) {
        continue;
      }
      if (!isFolder(path)) {
        throw new IllegalArgumentException(path + " is a file, wanted a folder");
      }
      if (isLocal(path) && !Files.isWritable(LocalFiles.path(path))) {
        throw new IllegalArgumentException(
            path + " can't be written to: change its permissions, or choose another folder");
      }
      return;
    }
  }

  /** Makes a folder and those above it; one that exists is left as it is. */
  public void createFolder(Path folder) throws IOException {
    if (isLocal(folder)) {
      Files.createDirectories(LocalFiles.path(folder));
    } else if (!fileSystem(folder).mkdirs(folder)) {
      throw new IOException(folder + ": the folder can't be made");
    }
  }

  /**
   * Gives a folder another name; in one step locally and on HDFS, elsewhere file by file.
   *
   * @throws IOException if there is something of that name
   */
  public void moveFolder(Path from, Path to) throws IOException {
    if (exists(to)) {
      throw new IOException(to + " exists already");
    }
    if (isLocal(from)) {
      Files.move(LocalFiles.path(from), LocalFiles.path(to));
    } else if (ATOMIC_RENAME_SCHEMES.contains(fileSystem(from).getScheme())) {
      FileContext.getFileContext(from.toUri(), configuration).rename(from, to, Rename.NONE);
    } else if (!fileSystem(from).rename(from, to)) {
      throw new IOException(from + " can't be moved to " + to);
    }
  }

  /** Deletes what is of no use any more, if it is there; what stays is named in the log. */
  public void discard(Path path) {
    try {
      delete(path);
    } catch (IOException e) {
      LOG.warn("{} stays: {}", path, firstLine(e));
    }
  }

  /** Deletes a file, or a folder with all that is in it; nothing there is no error. */
  public void delete(Path path) throws IOException {
    FileSystem fileSystem = fileSystem(path);
    if (isLocal(path)) {
      LocalFiles.deleteChecksum(path);
    }
    if (!fileSystem.delete(path, true) && fileSystem.exists(path)) {
      throw new IOException(path + ": can't be deleted");
    }
  }

  /**
   * Reads a small file whole.
   *
   * @throws IllegalArgumentException if it is longer than {@code limitBytes}
   */
  public byte[] read(Path file, int limitBytes) throws IOException {
    try (InputStream stream = open(file)) {
      byte[] content = stream.readNBytes(limitBytes);
      if (stream.read() >= 0) {
        throw new IllegalArgumentException(
            file
                + ": longer than the "
                + limitBytes
                + " bytes allowed here; is it the right file?");
      }
      return content;
    }
  }

  /** Reads a small UTF-8 text whole; see {@link #read}. */
  public String readText(Path file, int limitBytes) throws IOException {
    return new String(read(file, limitBytes), StandardCharsets.UTF_8);
  }

  /**
   * Reads a small JSON file as a record; see {@link #read}.
   *
   * @throws IllegalArgumentException if the file is no JSON, or not of that record
   */
  public <T> T readJson(Path file, Class<T> type, int limitBytes) throws IOException {
    return RecordJson.read(file.toString(), read(file, limitBytes), type);
  }

  /**
   * Reads a small JSON file as above.
   *
   * @param upgrade makes of what an earlier version has written what this one writes
   */
  public <T> T readJson(Path file, Class<T> type, int limitBytes, Consumer<ObjectNode> upgrade)
      throws IOException {
    return RecordJson.read(file.toString(), read(file, limitBytes), type, upgrade);
  }

  /** Writes a record as indented JSON, as {@link #writeAtomically} does. */
  public void writeJson(Path file, Object content) throws IOException {
    writeAtomically(file, json(content));
  }

  /** A record as indented JSON, in UTF-8. */
  public static byte[] json(Object content) throws IOException {
    return RecordJson.write(content);
  }

  /** A record as a JSON tree. */
  public static JsonNode tree(Object content) {
    return RecordJson.tree(content);
  }

  /** Writes a small file as {@link #writeAtomically(Path, Content)} does. */
  public void writeAtomically(Path file, byte[] content) throws IOException {
    writeAtomically(file, out -> out.write(content));
  }

  /**
   * Writes a file so that a reader sees the old content or the new, never a part; so the new may be
   * made from the old. Missing folders are made.
   *
   * <p>Locally and on HDFS a hidden file beside it is written first and renamed onto it; elsewhere
   * (object stores) a file comes to be when its stream is closed, and there one is created with
   * overwrite once its content is complete in memory. A stream is written to as it is.
   */
  public void writeAtomically(Path file, Content content) throws IOException {
    if (isStream(file)) {
      LocalFiles.append(file, content);
      return;
    }
    Path temporary = temporary(file);
    if (isLocal(file)) {
      LocalFiles.replace(file, temporary, content);
      return;
    }
    FileSystem fileSystem = fileSystem(file);
    if (!ATOMIC_RENAME_SCHEMES.contains(fileSystem.getScheme())) {
      ByteArrayOutputStream complete = new ByteArrayOutputStream();
      content.writeTo(complete);
      write(fileSystem, file, true, complete::writeTo);
      return;
    }
    try {
      write(fileSystem, temporary, false, content);
      FileContext.getFileContext(file.toUri(), configuration)
          .rename(temporary, file, Rename.OVERWRITE);
    } finally {
      discard(temporary);
    }
  }

  /** The name of a file that is to be renamed to {@code file}, or deleted, at once. */
  public static Path temporary(Path file) {
    return child(file.getParent(), "." + file.getName() + "." + UUID.randomUUID() + ".tmp");
  }

  /** Whether {@code path} is {@code folder}, or somewhere in it. */
  public static boolean isIn(Path path, Path folder) {
    for (Path above = path; above != null; above = above.getParent()) {
      if (above.equals(folder)) {
        return true;
      }
    }
    return false;
  }

  /** The path of a file or folder in {@code folder}; its name may hold a colon. */
  public static Path child(Path folder, String name) {
    return new Path(folder, new Path(null, null, name));
  }

  /**
   * Deletes the temporary files that killed processes have left in a folder, if there is one.
   * Nobody else may be writing there.
   */
  public void deleteTemporaries(Path folder) throws IOException {
    deleteTemporaries(folder, Long.MAX_VALUE);
  }

  /**
   * Deletes the temporary files that killed processes have left in a folder, if there is one.
   *
   * @param before only those that were last written before this time, in ms since 1970
   */
  public void deleteTemporaries(Path folder, long before) throws IOException {
    if (isFolder(folder)) {
      for (FileStatus entry : list(folder)) {
        if (TEMPORARY.matcher(entry.getPath().getName()).matches()
            && entry.getModificationTime() < before) {
          delete(entry.getPath());
        }
      }
    }
  }

  /**
   * Writes a small file, whole or not at all, only if there is none yet; of several that try at
   * once, one succeeds. Missing folders are made. Where {@link #createsExclusively} is false, as in
   * object stores, a second one may get through. There, and locally where there are no hard links,
   * a reader may see the file half written for a moment.
   *
   * @return false if there was one, which is left as it is
   */
  public boolean createExclusively(Path file, byte[] content) throws IOException {
    Path temporary = temporary(file);
    if (isLocal(file)) {
      return LocalFiles.createNew(file, temporary, out -> out.write(content));
    }
    FileSystem fileSystem = fileSystem(file);
    boolean renames = createsExclusively(file);
    try {
      write(fileSystem, renames ? temporary : file, false, out -> out.write(content));
      if (!renames) {
        return true;
      }
      FileContext.getFileContext(file.toUri(), configuration).rename(temporary, file, Rename.NONE);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      if (renames) {
        discard(temporary);
      }
    }
  }

  /**
   * Whether of several that create one file where {@code path} lies one alone succeeds: locally and
   * on HDFS, but not for a view (viewfs), behind which an object store may lie.
   */
  public boolean createsExclusively(Path path) throws IOException {
    return isLocal(path) || fileSystem(path).getScheme().equals("hdfs");
  }

  /**
   * Whether a file that is created exclusively in {@code folder} is never seen half written: false
   * in object stores, and locally where there are no hard links, which is tried. Makes the folder.
   */
  public boolean createsWhole(Path folder) throws IOException {
    return isLocal(folder)
        ? LocalFiles.canLink(new Path(folder, "link"))
        : createsExclusively(folder);
  }

  /** The file system of a path; the local one without its checksum layer. */
  public FileSystem fileSystem(Path path) throws IOException {
    FileSystem fileSystem = path.getFileSystem(configuration);
    return fileSystem instanceof LocalFileSystem checked ? checked.getRawFileSystem() : fileSystem;
  }

  private boolean isLocal(Path path) throws IOException {
    return fileSystem(path).getUri().getScheme().equals("file");
  }

  private static void write(FileSystem fileSystem, Path file, boolean overwrite, Content content)
      throws IOException {
    try (OutputStream stream = new RemoteStream(fileSystem.create(file, overwrite))) {
      content.writeTo(stream);
    }
  }

  /** What a user is told of {@code e}. */
  public static String firstLine(Throwable e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message.lines().findFirst().orElse(e.toString());
  }
}
