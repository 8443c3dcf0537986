package convoy.run;

import convoy.engine.checkpoint.CheckpointFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The folder of a checkpoint that only the holder of a run's lock commits.
 *
 * @param files where it lies
 * @param lock of the run
 */
record LockedCheckpointFolder(CheckpointFolder files, RunLock lock) implements CheckpointFolder {

  @Override
  public String location() {
    return files.location();
  }

  @Override
  public boolean exists(String name) throws IOException {
    return files.exists(name);
  }

  @Override
  public long sizeBytes(String name) throws IOException {
    return files.sizeBytes(name);
  }

  @Override
  public InputStream open(String name) throws IOException {
    return files.open(name);
  }

  @Override
  public OutputStream create(String name) throws IOException {
    return files.create(name);
  }

  /**
   * As of any folder.
   *
   * @throws IllegalStateException if another run has taken the lock over
   */
  @Override
  public void commit(String name, byte[] content) throws IOException {
    lock.checkHeld();
    files.commit(name, content);
  }
}
