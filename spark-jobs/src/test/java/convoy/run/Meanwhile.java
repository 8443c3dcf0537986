package convoy.run;

import convoy.storage.Storage;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The local files as those of a server, on which something happens just before a certain file is
 * opened or made for the first time.
 */
public final class Meanwhile extends RawLocalFileSystem {
  private static final String SCHEME = "meanwhile";
  private static final String FILE = "test.meanwhile.file";
  private static final AtomicReference<Event> NEXT = new AtomicReference<>();

  /** What happens. */
  interface Event {
    void happen() throws IOException;
  }

  /** Storage where {@code event} happens before the file whose path ends with {@code file}. */
  static Storage before(String file, Event event) {
    NEXT.set(event);
    Configuration configuration = new Configuration();
    configuration.set("fs." + SCHEME + ".impl", Meanwhile.class.getName());
    configuration.setBoolean("fs." + SCHEME + ".impl.disable.cache", true);
    configuration.set(FILE, file);
    return new Storage(configuration);
  }

  /** The URI of a local path. */
  static String uri(java.nio.file.Path path) {
    return SCHEME + "://" + path;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return URI.create(uri(java.nio.file.Path.of("/")));
  }

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    happen(file);
    return super.open(file, bufferSize);
  }

  @Override
  public FSDataOutputStream create(Path file, boolean overwrite) throws IOException {
    happen(file);
    return super.create(file, overwrite);
  }

  private void happen(Path file) throws IOException {
    if (file.toString().endsWith(getConf().get(FILE))) {
      Event event = NEXT.getAndSet(null);
      if (event != null) {
        event.happen();
      }
    }
  }
}
