package convoy.launch;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Main class of a local cluster's master and workers: runs the given main class, and ends when its
 * stdin does, as happens when the process that started it is gone, however it went.
 */
final class ClusterProcess {
  private ClusterProcess() {}

  /** The first argument is the main class, the others are its own. */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread watch = new Thread(ClusterProcess::endWithStarter, "ends-with-starter");
    watch.setDaemon(true);
    watch.start();
    Class.forName(arguments[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static void endWithStarter() {
    try (InputStream stdin = System.in) {
      while (stdin.read() >= 0) {
        continue;
      }
    } catch (IOException e) {
      System.err.println("stdin is gone: " + e);
    }
    System.exit(0);
  }
}
