package convoy.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A checkpoint's folder on a local disk.
 *
 * @param folder need not exist before the first file is made
 */
public record LocalCheckpointFolder(Path folder) implements CheckpointFolder {

  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public boolean exists(String name) {
    return Files.isRegularFile(folder.resolve(name));
  }

  @Override
  public long sizeBytes(String name) throws IOException {
    return Files.size(folder.resolve(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(folder.resolve(name));
  }

  @Override
  public OutputStream create(String name) throws IOException {
    Files.createDirectories(folder);
    return Files.newOutputStream(
        folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  @Override
  public void commit(String name, byte[] content) throws IOException {
    if (exists(name)) {
      throw new FileAlreadyExistsException(pathOf(name));
    }
    Files.createDirectories(folder);
    Path temporary = Files.createTempFile(folder, "." + name + ".", ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
