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

/**
 * Local files by java.nio, which can do in one step what Hadoop's local file system does in
 * several, for want of its checksum siblings (".crc") above all.
 */
final class LocalFiles {
  private LocalFiles() {}

  /** The path for java.nio. */
  static java.nio.file.Path path(Path file) {
    return java.nio.file.Path.of(file.toUri().getPath());
  }

  /** Opens a file for writing, replacing one that exists. */
  static OutputStream create(Path file) throws IOException {
    Files.createDirectories(path(file).getParent());
    deleteChecksum(file);
    return new BufferedOutputStream(Files.newOutputStream(path(file)));
  }

  /** Puts {@code content} in the place of a file, in one step; {@code temporary} is beside it. */
  static void replace(Path file, Path temporary, Storage.Content content) throws IOException {
    write(file, path(temporary), content);
    try {
      deleteChecksum(file);
      Files.move(path(temporary), path(file), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(path(temporary));
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
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return createWithoutLinks(file, content);
    } finally {
      Files.deleteIfExists(path(temporary));
    }
  }

  /** Whether there are hard links where {@code temporary}, which nobody else uses, would lie. */
  static boolean canLink(Path temporary) throws IOException {
    java.nio.file.Path link = path(Storage.temporary(temporary));
    write(temporary, path(temporary), out -> {});
    try {
      Files.createLink(link, path(temporary));
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    } finally {
      Files.deleteIfExists(link);
      Files.deleteIfExists(path(temporary));
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
    Files.createDirectories(at.getParent());
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
