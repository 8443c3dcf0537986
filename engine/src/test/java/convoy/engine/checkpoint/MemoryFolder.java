package convoy.engine.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A checkpoint's folder in memory, whose files a test can damage. */
final class MemoryFolder implements CheckpointFolder {
  final Map<String, byte[]> files = new LinkedHashMap<>();

  @Override
  public String location() {
    return "memory";
  }

  @Override
  public boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public long sizeBytes(String name) throws IOException {
    return content(name).length;
  }

  @Override
  public InputStream open(String name) throws IOException {
    return new ByteArrayInputStream(content(name));
  }

  @Override
  public OutputStream create(String name) throws IOException {
    if (exists(name)) {
      throw new FileAlreadyExistsException(name);
    }
    return new ByteArrayOutputStream() {
      @Override
      public void close() {
        files.put(name, toByteArray());
      }
    };
  }

  @Override
  public void commit(String name, byte[] content) throws IOException {
    try (OutputStream out = create(name)) {
      out.write(content);
    }
  }

  private byte[] content(String name) throws IOException {
    if (!exists(name)) {
      throw new FileNotFoundException(name);
    }
    return files.get(name);
  }
}
