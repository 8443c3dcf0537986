package convoy.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The folder of one checkpoint, wherever it lies. Names are plain file names without a folder. */
public interface CheckpointFolder {

  /** The folder's path or URI, for messages. */
  String location();

  /** Whether there is a file of that name. */
  boolean exists(String name) throws IOException;

  /**
   * The length of a file.
   *
   * @throws IOException if there is no such file
   */
  long sizeBytes(String name) throws IOException;

  /**
   * Opens a file from its beginning; the caller closes it.
   *
   * @throws IOException if there is no such file
   */
  InputStream open(String name) throws IOException;

  /**
   * Makes a new file, and the folder where it is missing; the caller closes it.
   *
   * @throws IOException if there is a file of that name already
   */
  OutputStream create(String name) throws IOException;

  /**
   * Makes a new small file in one step: whoever looks finds it whole or not at all, even if the
   * process is killed meanwhile.
   *
   * @throws IOException if there is a file of that name already
   */
  void commit(String name, byte[] content) throws IOException;

  /** The path of a file, for messages. */
  default String pathOf(String name) {
    return location() + "/" + name;
  }
}
