package convoy.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * HDFS, except that whoever writes a file whose path matches {@link #KEY} is held in the middle of
 * it, after one of its bytes has reached the datanodes.
 */
public final class BlockingHdfs extends DistributedFileSystem {
  /** A regular expression. */
  static final String KEY = "convoy.test.blocked";

  private static final int LIMIT_MINUTES = 10;

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
    FSDataOutputStream stream =
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
    return file.toString().matches(getConf().get(KEY))
        ? new FSDataOutputStream(new Blocked(stream), null)
        : stream;
  }

  private static final class Blocked extends OutputStream {
    private final FSDataOutputStream stream;

    Blocked(FSDataOutputStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
      stream.write(value);
      stream.hflush();
      try {
        boolean released = new CountDownLatch(1).await(LIMIT_MINUTES, TimeUnit.MINUTES);
        throw new IOException("held for " + LIMIT_MINUTES + " minutes, released: " + released);
      } catch (InterruptedException e) {
        throw new IOException("interrupted while held", e);
      }
    }
  }
}
