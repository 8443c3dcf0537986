package convoy.launch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.time.Duration;
import java.util.List;

/** What a standalone master says of itself on its UI's port. */
record MasterStatus(String host, int uiPort, String masterUrl) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REQUEST_LIMIT_MILLIS = 2_000;
  private static final int PAUSE_MILLIS = 100;

  /**
   * Waits until the master answers and {@code workers} have registered.
   *
   * @throws IOException if one of {@code members} ends meanwhile, or {@code limit} is over
   */
  void await(int workers, List<ClusterMember> members, Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    int alive = aliveWorkers();
    while (alive < workers) {
      for (ClusterMember member : members) {
        member.checkAlive();
      }
      if (System.nanoTime() > end) {
        throw new IOException(
            "waited "
                + limit.toSeconds()
                + " s for the standalone master at "
                + masterUrl
                + (alive < 0
                    ? ", which does not answer on port " + uiPort
                    : ", which has " + alive + " of " + workers + " workers"));
      }
      pause();
      alive = aliveWorkers();
    }
  }

  /** The number of registered workers; -1 as long as the master does not answer. */
  private int aliveWorkers() {
    try {
      URLConnection connection =
          URI.create("http://" + host + ":" + uiPort + "/json/")
              .toURL()
              .openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(REQUEST_LIMIT_MILLIS);
      connection.setReadTimeout(REQUEST_LIMIT_MILLIS);
      try (InputStream stream = connection.getInputStream()) {
        JsonNode answer = JSON.readTree(stream);
        return answer.path("url").asText().equals(masterUrl)
            ? answer.path("aliveworkers").asInt()
            : -1;
      }
    } catch (IOException e) {
      return -1;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the standalone master", e);
    }
  }
}
