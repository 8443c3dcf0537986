package convoy.run;

import convoy.engine.checkpoint.CheckpointFolder;
import convoy.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hadoop.fs.Path;

/**
 * The folder of a checkpoint at a Hadoop URI.
 *
 * @param storage reads and writes
 * @param folder where it lies
 */
public record StoredCheckpointFolder(Storage storage, Path folder) implements CheckpointFolder {

  @Override
  public String location() {
    return folder.toString();
  }

  @Override
  public boolean exists(String name) throws IOException {
    return storage.exists(file(name));
  }

  @Override
  public long sizeBytes(String name) throws IOException {
    return storage.sizeBytes(file(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return storage.open(file(name));
  }

  @Override
  public OutputStream create(String name) throws IOException {
    if (exists(name)) {
      throw new IOException(file(name) + " exists already");
    }
    return storage.create(file(name));
  }

  @Override
  public void commit(String name, byte[] content) throws IOException {
    if (exists(name)) {
      throw new IOException(file(name) + " exists already");
    }
    storage.writeAtomically(file(name), content);
  }

  private Path file(String name) {
    return new Path(folder, name);
  }
}
