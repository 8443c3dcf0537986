package convoy.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A stream into a file of HDFS, or of another of Hadoop's file systems. HDFS's own throws the very
 * exception again on close that a write has ended with, which Java refuses to add to itself.
 */
final class RemoteStream extends FilterOutputStream {

  RemoteStream(OutputStream stream) {
    super(stream);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    out.write(bytes, from, count);
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw new IOException(Storage.firstLine(e), e);
    }
  }
}
