package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.network.Parameters;
import convoy.registry.Promotion.Kind;
import convoy.storage.Storage;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  @TempDir private Path folder;

  private Registry registry;

  @BeforeEach
  void open() throws IOException {
    registry = Registry.open(new Storage(new Configuration()), folder.toString());
  }

  @Test
  void versionsAreNumberedAndReadAsTheyWereWritten() throws IOException {
    assertEquals(List.of(), registry.versions());
    assertEquals(1, add(5, 0));
    assertEquals(2, add(6, 1));
    assertArrayEquals(
        Parameters.initial(TestVersions.NETWORK.layout(), 6).values(),
        registry.model(2).parameters().values());
    List<Version> versions = registry.versions();
    assertEquals(List.of(1L, 2L), versions.stream().map(Version::version).toList());
    assertEquals(1, versions.get(1).parent());
    assertEquals(0.5, versions.get(1).metrics().get("accuracy").doubleValue());
    assertThrows(IllegalArgumentException.class, () -> registry.version(3));
  }

  @Test
  void versionThatWasNeverFinishedIsNoneAndItsNumberIsNotUsedAgain() throws IOException {
    add(5, 0);
    Files.delete(folder.resolve("versions/1/manifest.json"));
    assertEquals(List.of(), registry.versions());
    assertThrows(IllegalArgumentException.class, () -> registry.model(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.promote(Optional.empty(), 1, Kind.PROMOTION, "no"));
    assertEquals(2, add(6, 0));
  }

  @Test
  void filesOfAVersionThatWasNeverFinishedAreRemovedADayLater() throws IOException {
    for (long number = 1; number <= 4; number++) {
      assertEquals(number, add(number, 0));
      Path version = folder.resolve("versions/" + number);
      if (number == 4) {
        promote(Optional.empty(), number);
      }
      if (number != 3) {
        Files.delete(version.resolve("manifest.json"));
      }
      FileTime begun = FileTime.from(Instant.now().minus(Duration.ofHours(number == 2 ? 23 : 25)));
      for (String name : names(version)) {
        Files.setLastModifiedTime(version.resolve(name), begun);
      }
    }
    String temporary = ".x.00000000-0000-0000-0000-000000000000.tmp";
    FileTime yesterday = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
    for (String place : List.of("", "versions/3", "promotions")) {
      Path left = Files.createFile(folder.resolve(place).resolve(temporary));
      Files.setLastModifiedTime(left, yesterday);
    }
    Path mayBeInUse = Files.createFile(folder.resolve(temporary.replace('x', 'y')));
    registry.removeUnfinished();
    for (String place : List.of("", "versions/3", "promotions")) {
      assertFalse(Files.exists(folder.resolve(place).resolve(temporary)), place);
    }
    assertTrue(Files.exists(mayBeInUse));
    assertEquals(List.of("claim"), names(folder.resolve("versions/1")));
    assertEquals(5, names(folder.resolve("versions/2")).size(), "it may yet be finished");
    assertEquals(5, names(folder.resolve("versions/4")).size(), "it was finished once");
    assertEquals(List.of(3L), registry.versions().stream().map(Version::version).toList());
    assertEquals(5, add(7, 0));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void versionThatIsNotWholeIsNotPromoted() throws IOException {
    add(5, 0);
    Path weights = folder.resolve("versions/1/weights.safetensors");
    Files.write(weights, new byte[0]);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> registry.promote(Optional.empty(), 1, Kind.PROMOTION, "no"))
            .getMessage();
    assertTrue(message.startsWith("version 1: ") && message.contains("weights.safetensors"));
    assertEquals(Optional.empty(), registry.madeBy("run"), "it is to be made again");
    assertEquals(Optional.empty(), registry.champion());
  }

  /** Otherwise its retraining would make it again, and promote it against who took it back. */
  @Test
  void championThatIsNotWholeAnyMoreWasMadeAllTheSame() throws IOException {
    add(5, 0);
    add(5, 0);
    assertEquals(1, registry.madeBy("run").orElseThrow().version());
    promote(Optional.of(promote(Optional.empty(), 2)), 1);
    Files.write(folder.resolve("versions/1/weights.safetensors"), new byte[0]);
    Files.write(folder.resolve("versions/2/weights.safetensors"), new byte[0]);
    assertEquals(1, registry.madeBy("run").orElseThrow().version());
  }

  /** It is not to be promoted, so nobody needs its weights. */
  @Test
  void versionThatIsNotBetterWasMadeThoughItIsNotWhole() throws IOException {
    Files.createDirectories(folder.resolve("retraining/run"));
    add(5, 0);
    Files.write(folder.resolve("versions/1/weights.safetensors"), new byte[0]);
    assertEquals(List.of(), registry.finishedRuns(), "it may be going on again");
    TestVersions.add(registry, 6, 1, new Decision(false, List.of("worse")));
    Files.write(folder.resolve("versions/2/weights.safetensors"), new byte[0]);
    assertEquals(2, registry.madeBy("run").orElseThrow().version());
    assertEquals(registry.runs(), registry.finishedRuns());
    assertEquals(1, registry.runs().size());
  }

  @Test
  void cardOfTheFirstFormatIsRead() throws IOException {
    add(5, 0);
    Path file = folder.resolve("versions/1/version.json");
    ObjectNode card = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    card.put("formatVersion", 1).remove(List.of("answers", "begun", "championMetrics"));
    ((ObjectNode) card.get("training")).remove("rule");
    Files.writeString(file, card.toString());
    assertEquals(PromotionRule.DEFAULT, registry.version(1).training().rule());
    assertTrue(registry.version(1).answers().isEmpty());
    assertTrue(registry.version(1).championMetrics().isEmpty());
    assertEquals(registry.version(1).created(), registry.version(1).begun());
    Version upgraded = registry.version(1);
    String later = new String(Storage.json(upgraded), StandardCharsets.UTF_8);
    Files.writeString(file, later.replace("\"formatVersion\" : 2", "\"formatVersion\" : 3"));
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> registry.version(1)).getMessage();
    assertTrue(refusal.contains("format version 3, this Convoy reads 2"), refusal);
  }

  @Test
  void earlierPromotionThatIsDamagedStopsNothing() throws IOException {
    add(5, 0);
    add(6, 1);
    Promotion second = promote(Optional.of(promote(Optional.empty(), 1)), 2);
    Files.writeString(folder.resolve("promotions/1.json"), "{");
    assertEquals(Optional.of(second), registry.champion());
    assertEquals(List.of(second), registry.promotions());
    assertThrows(IllegalArgumentException.class, () -> registry.wasChampion(1), "it may have been");
    assertEquals(1, registry.verify().wrong().size());
  }

  @Test
  void championIsTheHighestPromotion() throws IOException {
    add(5, 0);
    add(6, 1);
    assertEquals(Optional.empty(), registry.champion());
    Promotion first = promote(Optional.empty(), 1);
    Promotion second = promote(Optional.of(first), 2);
    assertEquals(2, second.number());
    assertEquals(Optional.of(second), registry.champion());
    assertEquals(List.of(first, second), registry.promotions());
  }

  @Test
  void whoDecidedUponAnEarlierChampionFails() throws IOException {
    add(5, 0);
    add(6, 1);
    add(7, 1);
    Promotion first = promote(Optional.empty(), 1);
    promote(Optional.of(first), 2);
    assertEquals(Optional.empty(), registry.promote(Optional.of(first), 3, Kind.PROMOTION, "late"));
    assertEquals(2, registry.champion().get().version());
    assertEquals(2, registry.promotions().size());
  }

  @Test
  void ofManyAtOnceOneIsPromotedAndEachVersionHasItsOwnNumber() throws Exception {
    Contention.assertOneOfManyIsPromoted(registry);
  }

  @Test
  void rollbacksLeadBackAlongTheChampions() throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      add(seed, 0);
    }
    Promotion last = promote(Optional.empty(), 1);
    assertThrows(IllegalArgumentException.class, () -> registry.before(registry.champion().get()));
    last = promote(Optional.of(last), 2);
    last = promote(Optional.of(last), 3);
    assertEquals(2, registry.before(last));
    last = registry.promote(Optional.of(last), 2, Kind.ROLLBACK, "worse").get();
    assertEquals(1, registry.before(last));
    last = promote(Optional.of(last), 3);
    assertEquals(2, registry.before(last));
  }

  @Test
  void verificationNamesWhatIsAltered() throws IOException {
    add(5, 0);
    add(6, 1);
    promote(Optional.empty(), 2);
    assertEquals(List.of(), registry.verify().wrong());
    Path weights = folder.resolve("versions/2/weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    Files.delete(folder.resolve("versions/1/version.json"));
    List<String> wrong = registry.verify().wrong();
    assertEquals(2, wrong.size(), wrong.toString());
    assertTrue(wrong.get(0).startsWith("version 1: ") && wrong.get(0).contains("missing"));
    assertTrue(wrong.get(1).startsWith("version 2: ") && wrong.get(1).contains("altered"));
  }

  @Test
  void versionWhoseCardIsDamagedIsLeftOutOfTheListAndNamedByTheVerification() throws IOException {
    add(5, 0);
    add(6, 1);
    Files.writeString(folder.resolve("versions/1/version.json"), "{\"formatVersion\" : 1,");
    assertEquals(List.of(2L), registry.versions().stream().map(Version::version).toList());
    assertEquals(Optional.empty(), registry.madeBy("another"));
    List<String> wrong = registry.verify().wrong();
    assertEquals(1, wrong.size(), wrong.toString());
    assertTrue(wrong.get(0).startsWith("version 1: "), wrong.get(0));
  }

  @Test
  void versionThatCanNotBeReadKeepsNobodyFromTheOthers() throws IOException {
    add(5, 0);
    add(6, 1);
    Path card = folder.resolve("versions/1/version.json");
    Files.delete(card);
    Files.createDirectory(card);
    Path manifest = folder.resolve("versions/2/manifest.json");
    String newer = Files.readString(manifest).replaceFirst("(\"formatVersion\" *: *)1", "$19");
    Files.writeString(manifest, newer);
    Files.deleteIfExists(folder.resolve("versions/2/.manifest.json.crc"));
    assertEquals(List.of(2L), registry.versions().stream().map(Version::version).toList());
    List<String> wrong = registry.verify().wrong();
    assertEquals(2, wrong.size(), wrong.toString());
    assertTrue(wrong.get(0).startsWith("version 1: "), wrong.get(0));
    assertTrue(wrong.get(1).startsWith("version 2: ") && wrong.get(1).contains("9"), wrong.get(1));
  }

  @Test
  void fileSystemsWithoutExclusiveFilesAreRefused() {
    Configuration configuration = new Configuration();
    configuration.set("fs.object.impl", ObjectStore.class.getName());
    Storage storage = new Storage(configuration);
    for (String uri : List.of("object://bucket/registry", "viewfs://cluster/registry")) {
      configuration.set("fs.viewfs.mounttable.cluster.link./registry", folder.toUri().toString());
      String message =
          assertThrows(IllegalArgumentException.class, () -> Registry.open(storage, uri))
              .getMessage();
      assertTrue(message.startsWith(uri + ": a registry wants HDFS or a local file"), message);
    }
  }

  /** A file system of which nothing is known but its scheme. */
  public static final class ObjectStore extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("object://bucket");
    }

    @Override
    public String getScheme() {
      return "object";
    }
  }

  private long add(long seed, long parent) throws IOException {
    return TestVersions.add(registry, seed, parent);
  }

  private Promotion promote(Optional<Promotion> seen, long version) throws IOException {
    return registry.promote(seen, version, Kind.PROMOTION, "better").orElseThrow();
  }
}
