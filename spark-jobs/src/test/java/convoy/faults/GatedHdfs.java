package convoy.faults;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * HDFS, except that whoever writes a file goes through the {@link Gate} after the first byte, which
 * has reached the datanodes by then.
 */
public final class GatedHdfs extends DistributedFileSystem {
  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    Gate gate = new Gate(java.nio.file.Path.of(getConf().get(Gate.KEY)));
    FSDataOutputStream stream =
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
    return gate.isClosedFor(file.toString())
        ? new FSDataOutputStream(new Gated(stream, gate, file.toString()), null)
        : stream;
  }

  private static final class Gated extends OutputStream {
    private final FSDataOutputStream stream;
    private final Gate gate;
    private final String file;

    Gated(FSDataOutputStream stream, Gate gate, String file) {
      this.stream = stream;
      this.gate = gate;
      this.file = file;
    }

    @Override
    public void write(int value) throws IOException {
      stream.write(value);
      stream.hflush();
      gate.pass(file);
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
