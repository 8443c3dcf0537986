package convoy.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running master or worker: its name for messages, its process and where its output goes. */
record ClusterMember(String name, Process process, Path log) {
  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Throws if the process has ended, with the last line that it printed. */
  void checkAlive() throws IOException {
    if (process.isAlive()) {
      return;
    }
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isBlank())
            .toList();
    String last = lines.isEmpty() ? "it printed nothing" : lines.get(lines.size() - 1).strip();
    throw new IOException(
        "the " + name + " ended with status " + process.exitValue() + " while starting: " + last);
  }

  /** Asks the process to end. */
  void end() {
    process.destroy();
  }

  /** Waits for the end, and enforces it after {@code limit}. */
  void awaitEnd(Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
