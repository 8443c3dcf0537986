package convoy.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local files by java.nio, which can do in one step what Hadoop's local file system does in
 * several, for want of its checksum siblings (".crc") above all.
 */
final class LocalFiles {
  private static final Logger LOG = LoggerFactory.getLogger(LocalFiles.class);

  private LocalFiles() {}

  /** The path for java.nio. */
  static java.nio.file.Path path(Path file) {
    return java.nio.file.Path.of(file.toUri().getPath());
  }

  /** See {@link Storage#isStream}. */
  static boolean isStream(Path file) throws IOException {
    java.nio.file.Path path = path(file);
    boolean isOther = Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
    return isOther || Files.isSymbolicLink(path) && isDescriptor(path);
  }

  /** Whether a link leads to what a process has opened, which may be a file. */
  private static boolean isDescriptor(java.nio.file.Path link) throws IOException {
    return link.startsWith("/dev/fd")
        || link.startsWith("/proc")
        || Files.readSymbolicLink(link).startsWith("/proc");
  }

  /** Writes to a stream, or behind what was written to the file that it stands for. */
  static void append(Path stream, Storage.Content content) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(path(stream), StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      content.writeTo(out);
    }
  }

  /** Opens a file for writing, replacing one that exists. */
  static OutputStream create(Path file) throws IOException {
    createFolders(path(file).getParent());
    deleteChecksum(file);
    FileChannel channel =
        FileChannel.open(
            path(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new ForcedStream(channel);
  }

  /** On disk, not only in the system's memory, once it is closed. */
  private static final class ForcedStream extends BufferedOutputStream {
    private final FileChannel channel;

    ForcedStream(FileChannel channel) {
      super(Channels.newOutputStream(channel));
      this.channel = channel;
    }

    @Override
    public void close() throws IOException {
      if (channel.isOpen()) {
        try (channel) {
          flush();
          channel.force(true);
        }
      }
    }
  }

  /** Puts {@code content} in the place of a file, in one step; {@code temporary} is beside it. */
  static void replace(Path file, Path temporary, Storage.Content content) throws IOException {
    write(file, path(temporary), content);
    try {
      deleteChecksum(file);
      Files.move(path(temporary), path(file), StandardCopyOption.ATOMIC_MOVE);
      forceNames(path(file).getParent());
    } finally {
      discard(temporary);
    }
  }

  /** Brings the names in a folder to disk. */
  private static void forceNames(java.nio.file.Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Makes a folder and those above it that are missing; their names are on disk then, but for one
   * in a folder that may not be read.
   */
  private static void createFolders(java.nio.file.Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      java.nio.file.Path above = folder.toAbsolutePath().getParent();
      if (above != null) {
        createFolders(above);
      }
      Files.createDirectories(folder);
      if (above != null && Files.isReadable(above)) {
        forceNames(above);
      }
    }
  }

  /** Deletes a temporary file; one that stays does no harm to what was done. */
  private static void discard(Path temporary) {
    try {
      Files.deleteIfExists(path(temporary));
    } catch (IOException e) {
      LOG.warn("{} stays: {}", temporary, Storage.firstLine(e));
    }
  }

  /**
   * Makes a file unless there is one, in one step where the file system has hard links; {@code
   * temporary} is beside it.
   *
   * @return false if there was one
   */
  static boolean createNew(Path file, Path temporary, Storage.Content content) throws IOException {
    write(file, path(temporary), content);
    try {
      Files.createLink(path(file), path(temporary));
      forceNames(path(file).getParent());
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (canLink(temporary)) {
        throw e;
      }
      return createWithoutLinks(file, content);
    } finally {
      discard(temporary);
    }
  }

  /** Whether there are hard links where {@code beside} lies, or would lie. */
  static boolean canLink(Path beside) throws IOException {
    Path linked = Storage.temporary(beside), link = Storage.temporary(beside);
    write(linked, path(linked), out -> {});
    try {
      Files.createLink(path(link), path(linked));
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    } finally {
      discard(link);
      discard(linked);
    }
  }

  private static boolean createWithoutLinks(Path file, Storage.Content content) throws IOException {
    try {
      write(file, path(file), content);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  /** Deletes what Hadoop would hold against a file's new content. */
  static void deleteChecksum(Path file) throws IOException {
    Files.deleteIfExists(path(file).resolveSibling("." + file.getName() + ".crc"));
  }

  /** Writes the new file {@code at}, for {@code file}, and leaves nothing if that fails. */
  private static void write(Path file, java.nio.file.Path at, Storage.Content content)
      throws IOException {
    createFolders(at.getParent());
    FileChannel channel =
        FileChannel.open(at, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (channel) {
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
      content.writeTo(out);
      out.flush();
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(at);
      throw new IOException(path(file) + " can't be written: " + Storage.firstLine(e), e);
    }
  }
}
