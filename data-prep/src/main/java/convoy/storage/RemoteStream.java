package convoy.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * A stream into a file of HDFS, or of another of Hadoop's file systems. Where the file system can,
 * as HDFS, the file's last block is on disk, not only in the memory of datanodes, when it is
 * closed; so that of a small file nothing is lost with the power.
 *
 * <p>HDFS's own stream throws the very exception again on close that a write has ended with, which
 * Java refuses to add to itself.
 */
final class RemoteStream extends FilterOutputStream {
  private final FSDataOutputStream stream;
  private boolean isClosed;

  RemoteStream(FSDataOutputStream stream) {
    super(stream);
    this.stream = stream;
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    out.write(bytes, from, count);
  }

  @Override
  public void close() throws IOException {
    if (isClosed) {
      return;
    }
    isClosed = true;
    try {
      try {
        if (stream.hasCapability(StreamCapabilities.HSYNC)) {
          stream.hsync();
        }
      } finally {
        stream.close();
      }
    } catch (IOException e) {
      throw new IOException(Storage.firstLine(e), e);
    }
  }
}
