package convoy.registry;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * HDFS as a process sees it that ends, or is held up, after so many of the steps that change
 * something: creating a file, bringing it to disk, closing it, renaming, deleting, making a folder.
 * After an end nothing gets through, neither a step nor a look, so that no clean-up is done either.
 */
public final class CrashingHdfs extends DistributedFileSystem {
  private static final AtomicLong LEFT = new AtomicLong(Long.MAX_VALUE);
  private static final AtomicReference<CrashAtEachStep.Meanwhile> MEANWHILE =
      new AtomicReference<>();

  private boolean initialized;

  /** For renames, which Hadoop's other interface does. */
  public static final class Renaming extends DelegateToFileSystem {
    /** As Hadoop calls it. */
    public Renaming(URI uri, Configuration configuration) throws IOException, URISyntaxException {
      super(uri, FileSystem.get(uri, configuration), configuration, "hdfs", false);
    }

    /** In one step, as HDFS does it. */
    @Override
    public void renameInternal(Path from, Path to, boolean overwrite) throws IOException {
      ((CrashingHdfs) fsImpl)
          .rename(from, to, overwrite ? Options.Rename.OVERWRITE : Options.Rename.NONE);
    }

    @Override
    public int getUriDefaultPort() {
      return -1;
    }
  }

  /** A configuration whose HDFS this is. */
  static Configuration configuration() {
    Configuration configuration = new Configuration();
    configuration.set("fs.hdfs.impl", CrashingHdfs.class.getName());
    configuration.set("fs.AbstractFileSystem.hdfs.impl", Renaming.class.getName());
    configuration.set("dfs.replication", "1");
    // Closing a file waits for the namenode to hear of its block: 400 ms, then twice as long.
    String closing = "dfs.client.block.write.locateFollowingBlock.";
    configuration.setInt(closing + "initial.delay.ms", 5);
    configuration.setInt(closing + "retries", 12);
    return configuration;
  }

  /** Crashes after {@code steps} more. */
  static void crashAfter(long steps) {
    LEFT.set(steps);
  }

  /** Waits for {@code meanwhile} after {@code steps} more, and then goes on. */
  static void pauseAfter(long steps, CrashAtEachStep.Meanwhile meanwhile) {
    LEFT.set(steps);
    MEANWHILE.set(meanwhile);
  }

  /** Whether the last pause that was asked for came; from now on none will. */
  static boolean hasPaused() {
    LEFT.set(Long.MAX_VALUE);
    return MEANWHILE.getAndSet(null) == null;
  }

  /** Whether the crash that was asked for came. */
  static boolean hasCrashed() {
    return LEFT.get() < 0;
  }

  /** Is as sound as ever again, as for another process. */
  static void recover() {
    LEFT.set(Long.MAX_VALUE);
  }

  /** Once, though {@link Renaming} asks for it each time: a client takes long to make. */
  @Override
  public void initialize(URI uri, Configuration configuration) throws IOException {
    if (!initialized) {
      super.initialize(uri, configuration);
      initialized = true;
    }
  }

  private static void step() throws IOException {
    if (LEFT.getAndDecrement() <= 0) {
      CrashAtEachStep.Meanwhile meanwhile = MEANWHILE.getAndSet(null);
      if (meanwhile != null) {
        LEFT.set(Long.MAX_VALUE);
        meanwhile.run();
        return;
      }
      throw new IOException("crashed");
    }
  }

  private static void look() throws IOException {
    if (LEFT.get() < 0) {
      throw new IOException("crashed");
    }
  }

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
    step();
    FSDataOutputStream stream =
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(new Stepping(stream), null);
  }

  private static final class Stepping extends FilterOutputStream
      implements Syncable, StreamCapabilities {
    private final FSDataOutputStream stream;

    Stepping(FSDataOutputStream stream) {
      super(stream);
      this.stream = stream;
    }

    @Override
    public boolean hasCapability(String capability) {
      return stream.hasCapability(capability);
    }

    @Override
    public void hflush() throws IOException {
      step();
      stream.hflush();
    }

    @Override
    public void hsync() throws IOException {
      step();
      stream.hsync();
    }

    @Override
    public void write(byte[] bytes, int from, int size) throws IOException {
      look();
      out.write(bytes, from, size);
    }

    @Override
    public void close() throws IOException {
      step();
      out.close();
    }
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    step();
    return super.rename(from, to);
  }

  @Override
  public void rename(Path from, Path to, Options.Rename... options) throws IOException {
    step();
    super.rename(from, to, options);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    step();
    return super.delete(path, recursive);
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    step();
    return super.mkdirs(path, permission);
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    look();
    return super.open(file, bufferSize);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    look();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    look();
    return super.listStatus(path);
  }
}
