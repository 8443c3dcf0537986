package convoy.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSCluster.DataNodeProperties;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;

/** A real HDFS in this JVM: a namenode and two datanodes, each block on both. */
public final class Hdfs implements AutoCloseable {
  static final long BLOCK_BYTES = 1 << 20;
  static final int REPLICAS = 2;

  /** What a client has to know. */
  static final Map<String, String> CLIENT =
      Map.of(
          "dfs.blocksize", Long.toString(BLOCK_BYTES),
          "dfs.replication", Integer.toString(REPLICAS));

  private final MiniDFSCluster cluster;
  private final DistributedFileSystem files;

  private Hdfs(MiniDFSCluster cluster) throws IOException {
    this.cluster = cluster;
    files = cluster.getFileSystem();
  }

  /** Starts one whose files lie in {@code folder}. */
  public static Hdfs start(java.nio.file.Path folder) throws IOException {
    Configuration configuration = new HdfsConfiguration();
    CLIENT.forEach(configuration::set);
    // Datanodes wait for a writer that sleeps.
    configuration.set("dfs.client.socket-timeout", "600000");
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration, folder.toFile()).numDataNodes(REPLICAS).build();
    cluster.waitActive();
    return new Hdfs(cluster);
  }

  /** The URI of an absolute path. */
  public String uri(String path) {
    return files.makeQualified(new Path(path)).toString();
  }

  /** A JSON file; like a folder below, a path here or a URI of any file system. */
  JsonNode json(String uri) throws IOException {
    return jsonLines(uri).get(0);
  }

  /** The values in a file of JSON lines. */
  List<JsonNode> jsonLines(String uri) throws IOException {
    Path file = new Path(uri);
    try (InputStream in = fileSystem(file).open(file);
        MappingIterator<JsonNode> values =
            new ObjectMapper().readerFor(JsonNode.class).readValues(in)) {
      return values.readAll();
    }
  }

  /** The names in a folder; none where there is no folder. */
  List<String> names(String uri) throws IOException {
    return List.copyOf(sizes(uri).keySet());
  }

  /** The lengths of the files in a folder, by name. */
  Map<String, Long> sizes(String uri) throws IOException {
    Path folder = new Path(uri);
    Map<String, Long> sizes = new TreeMap<>();
    if (fileSystem(folder).exists(folder)) {
      for (FileStatus status : fileSystem(folder).listStatus(folder)) {
        sizes.put(status.getPath().getName(), status.getLen());
      }
    }
    return sizes;
  }

  private FileSystem fileSystem(Path path) throws IOException {
    return path.getFileSystem(files.getConf());
  }

  /** Leaves a folder room for so many more blocks. */
  void limit(String path, int blocks) throws IOException {
    Path folder = new Path(path);
    long used = files.getContentSummary(folder).getSpaceConsumed();
    setQuota(path, used + blocks * BLOCK_BYTES * REPLICAS);
  }

  void unlimit(String path) throws IOException {
    setQuota(path, HdfsConstants.QUOTA_RESET);
  }

  private void setQuota(String path, long bytes) throws IOException {
    files.setQuota(new Path(path), HdfsConstants.QUOTA_DONT_SET, bytes);
  }

  /** Ends a datanode, as a crash does. */
  DataNodeProperties loseDatanode() {
    return cluster.stopDataNode(0);
  }

  void restart(DataNodeProperties datanode) throws IOException {
    cluster.restartDataNode(datanode);
    cluster.waitActive();
  }

  @Override
  public void close() {
    cluster.shutdown();
  }
}
