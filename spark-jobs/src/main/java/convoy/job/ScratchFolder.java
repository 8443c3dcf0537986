package convoy.job;

import convoy.storage.ProcessIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * The one local folder of a run for what is of no use after it: Spark's blocks and shuffles, other
 * temporary files, and the logs of a local cluster. Its name tells the process that owns it, so
 * that whoever opens the next one can remove those that a killed process left behind.
 */
public final class ScratchFolder implements AutoCloseable {
  private static final Pattern NAME =
      Pattern.compile("convoy-run-(\\d+)-t(-?\\d+)-n(-?\\d+)-(.+)-\\d+");

  /** After Spark (40) and Hadoop's file systems (10). */
  private static final int PRIORITY = 5;

  private static final int LIMIT_SECONDS = 15;

  private final Path folder;

  private ScratchFolder(Path folder) {
    this.folder = folder;
  }

  /** Opens one for this process in {@code parent}, and removes those whose owners are gone. */
  public static ScratchFolder open(Path parent) throws IOException {
    Files.createDirectories(parent);
    Path folder = Files.createTempDirectory(parent, prefix(ProcessIdentity.here()));
    try (DirectoryStream<Path> others = Files.newDirectoryStream(parent, "convoy-run-*")) {
      for (Path other : others) {
        if (isAbandoned(other, Files.getOwner(folder))) {
          delete(other);
        }
      }
    }
    return new ScratchFolder(folder);
  }

  /** How the names of an owner's folders begin. */
  static String prefix(ProcessIdentity owner) {
    String process = owner.pid() + "-t" + owner.started() + "-n" + owner.namespace();
    return "convoy-run-" + process + "-" + owner.host() + "-";
  }

  /** Whether it belongs to a process that is gone, of the same user. */
  private static boolean isAbandoned(Path folder, UserPrincipal user) throws IOException {
    Matcher parts = NAME.matcher(folder.getFileName().toString());
    if (!parts.matches()) {
      return false;
    }
    long pid = Long.parseLong(parts.group(1));
    long started = Long.parseLong(parts.group(2));
    long namespace = Long.parseLong(parts.group(3));
    if (!new ProcessIdentity(parts.group(4), namespace, pid, started).hasEnded()) {
      return false;
    }
    try {
      return Files.getOwner(folder).equals(user);
    } catch (NoSuchFileException e) {
      return false; // removed by another run just now
    }
  }

  /** Makes the folder {@code name} in it. */
  public Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** Has it removed when this process ends, unless it is killed. */
  public void closeAtExit() {
    ShutdownHookManager.get()
        .addShutdownHook(this::close, PRIORITY, LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Removes it. */
  @Override
  public void close() {
    delete(folder);
  }

  /** Removes a folder and all in it; what can't be removed is left to the next run, and named. */
  private static void delete(Path folder) {
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      if (Files.exists(folder)) {
        System.err.println("the temporary folder " + folder + " could not be removed: " + e);
      }
    }
  }
}
