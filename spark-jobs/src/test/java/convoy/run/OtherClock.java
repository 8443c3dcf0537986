package convoy.run;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local files as those of a server whose clock is {@value #BEHIND} behind this one's. */
public final class OtherClock extends RawLocalFileSystem {
  static final String BEHIND = "test.clock.behind";

  @Override
  public String getScheme() {
    return "other";
  }

  @Override
  public URI getUri() {
    return URI.create("other:///");
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    FileStatus status = super.getFileStatus(path);
    long behind = Duration.parse(getConf().get(BEHIND)).toMillis();
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        status.getReplication(),
        status.getBlockSize(),
        status.getModificationTime() - behind,
        status.getPath());
  }
}
