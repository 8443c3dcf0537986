package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaunchOptionsTest {
  @Test
  void whatIsNoLaunchOptionBelongsToTheJobInOrder() {
    LaunchOptions options =
        parse(
            "--data", "in", "--master", "spark://host:7077", "--set", "a=b", "--verbose", "--x=y");
    assertEquals(
        List.of("--data", "in", "--set", "a=b", "--verbose", "--x=y"), options.jobArguments());
    assertEquals(Map.of("spark.master", "spark://host:7077"), options.settings());
  }

  @Test
  void optionsBecomeSettings() {
    LaunchOptions options =
        parse(
            "--executors=3",
            "--driver-memory",
            "2g",
            "--executor-memory=512m",
            "--driver-java-options",
            "-Da=b -Dc=d",
            "--executor-java-options=-Xss4m",
            "--deploy-mode",
            "cluster",
            "--spark-conf",
            "spark.a=b=c",
            "--spark-conf=spark.d=e");
    assertEquals(
        Map.of(
            "spark.executor.instances", "3",
            "spark.driver.memory", "2g",
            "spark.executor.memory", "512m",
            "spark.driver.extraJavaOptions", "-Da=b -Dc=d",
            "spark.executor.extraJavaOptions", "-Xss4m",
            "spark.submit.deployMode", "cluster",
            "spark.a", "b=c",
            "spark.d", "e"),
        options.settings());
  }

  @Test
  void workersOfALocalClusterHaveOneCoreUnlessMoreAreWanted() {
    assertEquals(Optional.of(new ClusterSize(2, 1)), parse("--local-cluster", "2").localCluster());
    assertEquals(Optional.of(new ClusterSize(3, 4)), parse("--local-cluster=3,4").localCluster());
  }

  @Test
  void aLocalClusterIsTheDefaultOnlyWhereNoMasterIsNamed() {
    ClusterSize two = new ClusterSize(2, 1);
    assertEquals(Optional.of(two), parse().orLocalCluster(two).localCluster());
    assertTrue(parse("--master", "local").orLocalCluster(two).localCluster().isEmpty());
    assertTrue(
        parse("--spark-conf", "spark.master=local").orLocalCluster(two).localCluster().isEmpty());
    assertEquals(
        Optional.of(new ClusterSize(1, 1)),
        parse("--local-cluster", "1").orLocalCluster(two).localCluster());
  }

  @Test
  void aLocalClusterByDefaultHasItsDriverHere() {
    ClusterSize two = new ClusterSize(2, 1);
    LaunchOptions elsewhere = parse("--deploy-mode", "cluster");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> elsewhere.orLocalCluster(two));
    assertTrue(e.getMessage().contains("--deploy-mode client"), e.getMessage());
    LaunchOptions others = parse("--executors", "3");
    e = assertThrows(IllegalArgumentException.class, () -> others.orLocalCluster(two));
    assertTrue(e.getMessage().contains("in place of --executors"), e.getMessage());
    assertTrue(parse("--deploy-mode", "client").orLocalCluster(two).localCluster().isPresent());
  }

  @Test
  void wrongValuesAreNamed() {
    assertRefused("--local-cluster", "--local-cluster", "0");
    assertRefused("wanted WORKERS or WORKERS,CORES", "--local-cluster", "2x4");
    assertRefused("--driver-memory: got '2', wanted", "--driver-memory", "2");
    assertRefused("--executors: got 0", "--executors", "0");
    assertRefused("wanted client or cluster", "--deploy-mode", "yarn");
    assertRefused("one that starts with spark.", "--spark-conf", "executor.memory=1g");
    assertRefused("--master", "--master");
    for (String master : List.of("", "host:7077", "local[0]", "local[x]", "mesos://host:5050")) {
      assertRefused("--master: got '" + master + "', wanted", "--master", master);
    }
  }

  @Test
  void allOfSparksMastersAreTaken() {
    for (String master :
        List.of(
            "local",
            "local[2]",
            "local[*]",
            "local[*, 4]",
            "local-cluster[2,1,1024]",
            "spark://a:7077,b:7077",
            "k8s://https://host:443",
            "yarn")) {
      assertEquals(Map.of("spark.master", master), parse("--master", master).settings());
    }
  }

  @Test
  void optionsThatExcludeEachOtherAreRefused() {
    assertRefused("exclude each other", "--local-cluster", "2", "--master", "local");
    assertRefused("in place of --executors", "--local-cluster", "2", "--executors", "2");
    assertRefused("--deploy-mode client", "--local-cluster", "2", "--deploy-mode", "cluster");
    String key = "spark.submit.deployMode=cluster";
    assertRefused("--deploy-mode client", "--local-cluster", "2", "--spark-conf", key);
  }

  @Test
  void anOptionThatAJobHasItselfIsTheJobs() {
    Set<String> own = Set.of("--executors");
    LaunchOptions options =
        LaunchOptions.parse(List.of("--local-cluster", "2", "--executors", "2,8"), own);
    assertEquals(List.of("--executors", "2,8"), options.jobArguments());
    assertFalse(LaunchOptions.names(own).contains("--executors"));
    assertFalse(LaunchOptions.usage(own).contains("--executors"));
    assertTrue(LaunchOptions.usage(Set.of()).contains("--executors"));
  }

  private static LaunchOptions parse(String... arguments) {
    return LaunchOptions.parse(List.of(arguments), Set.of());
  }

  private static void assertRefused(String words, String... arguments) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> parse(arguments));
    assertTrue(e.getMessage().contains(words), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
