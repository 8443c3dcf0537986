package convoy.job;

import convoy.engine.network.NetworkSpec;
import convoy.engine.settings.NearestName;
import convoy.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** Finds networks: by the names of conf/networks, which lie in the jar, or as YAML files. */
public final class NetworkFiles {
  private static final String FOLDER = "/networks";
  private static final String SUFFIX = ".yaml";
  private static final int LIMIT_BYTES = 1 << 20;

  private final Storage storage;

  /** Files are read through {@code storage}. */
  public NetworkFiles(Storage storage) {
    this.storage = storage;
  }

  /**
   * The network that {@code nameOrFile} stands for: a file if it ends in .yaml or .yml or has a
   * slash, otherwise a name.
   *
   * @throws IllegalArgumentException if there is no such network, or it is no valid one
   */
  public NetworkSpec network(String nameOrFile) throws IOException {
    if (nameOrFile.contains("/") || nameOrFile.endsWith(SUFFIX) || nameOrFile.endsWith(".yml")) {
      Path file = storage.path(nameOrFile);
      return NetworkSpec.fromYaml(nameOrFile, storage.readText(file, LIMIT_BYTES));
    }
    List<String> known = names();
    if (!known.contains(nameOrFile)) {
      throw new IllegalArgumentException(
          NearestName.message("network", nameOrFile, known) + " (or a path of a .yaml file)");
    }
    String resource = FOLDER + "/" + nameOrFile + SUFFIX;
    try (InputStream stream = NetworkFiles.class.getResourceAsStream(resource)) {
      String yaml = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return NetworkSpec.fromYaml(nameOrFile + SUFFIX, yaml);
    }
  }

  /** The names of the networks in the jar, sorted. */
  public static List<String> names() throws IOException {
    URI folder;
    try {
      folder = NetworkFiles.class.getResource(FOLDER).toURI();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the networks in the jar are at no path", e);
    }
    if (!folder.getScheme().equals("jar")) {
      return names(java.nio.file.Path.of(folder));
    }
    try (FileSystem jar = FileSystems.newFileSystem(folder, Map.of())) {
      return names(jar.getPath(FOLDER));
    }
  }

  private static List<String> names(java.nio.file.Path folder) throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }
}
