package convoy.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageTest {
  private final Storage storage = new Storage(new Configuration());

  @TempDir java.nio.file.Path folder;

  /** A setting with a number, as an example of a record. */
  record Setting(String name, int number) {
    Setting {
      if (number < 0) {
        throw new IllegalArgumentException("number is " + number + ", expected >= 0");
      }
    }
  }

  /** Local files under another scheme, which the storage can't know to be local. */
  public static final class ObjectStore extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("object:///");
    }

    @Override
    public String getScheme() {
      return "object";
    }
  }

  @Test
  void aNameMayHoldAColon() throws IOException {
    Path file = storage.path(folder + "/result-12:30.json");
    storage.writeJson(file, 7);
    assertEquals("7", Files.readString(folder.resolve("result-12:30.json")).strip());
  }

  @Test
  void aPipeIsWrittenToAndStaysOne() throws Exception {
    java.nio.file.Path pipe = folder.resolve("pipe");
    assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      Future<String> read = reader.submit(() -> Files.readString(pipe));
      storage.writeJson(storage.path(pipe.toString()), 7);
      assertEquals("7", read.get().strip());
    } finally {
      reader.shutdownNow();
    }
    assertTrue(storage.isStream(storage.path(pipe.toString())));
    try (Stream<java.nio.file.Path> files = Files.list(folder)) {
      assertEquals(List.of(pipe), files.toList());
    }
  }

  @Test
  void temporariesAreDeletedAndNothingElse() throws IOException {
    Path file = storage.path(folder + "/a.json");
    storage.deleteTemporaries(storage.path(folder + "/none"));
    for (Path written :
        List.of(file, Storage.temporary(file), storage.path(folder + "/.a.json.mine.tmp"))) {
      storage.writeAtomically(written, new byte[] {1});
    }
    storage.deleteTemporaries(storage.path(folder.toString()));
    assertEquals(
        List.of(".a.json.mine.tmp", "a.json"),
        storage.list(file.getParent()).stream().map(found -> found.getPath().getName()).toList());
  }

  @Test
  void pathsAreQualified() {
    assertEquals("file:" + folder, storage.path(folder.toString()).toString());
    assertEquals("file:" + folder, storage.path("file://" + folder).toString());
    String relative = storage.path("some/file").toString();
    assertEquals("file:" + java.nio.file.Path.of("some/file").toAbsolutePath(), relative);
    String colon = storage.path("./a:b").toString();
    assertEquals("file:" + java.nio.file.Path.of("a:b").toAbsolutePath(), colon);
  }

  @Test
  void wrongUrisAreRefusedInOneLine() {
    for (String uri : List.of("", " ", "a:b", "nosuch://host/x", "file://host/x", "hdfs:///x")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> storage.path(uri), uri);
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertTrue(e.getMessage().contains("URI") || e.getMessage().contains(uri), e.getMessage());
    }
  }

  @Test
  void unknownSchemeIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> storage.path("nosuch://host/x"));
    assertEquals(
        "'nosuch://host/x' can't be used: no file system is known for the scheme 'nosuch';"
            + " is the jar of its connector on the class path?",
        e.getMessage());
  }

  @Test
  void writtenFileReplacesTheOldOneAndLeavesNothingElse() throws IOException {
    Path file = in("sub/a.txt");
    storage.writeAtomically(file, bytes("old"));
    storage.writeAtomically(file, bytes("new"));
    assertEquals("new", storage.readText(file, 10));
    assertEquals(List.of("a.txt"), names("sub"));
  }

  @Test
  void newContentMayBeMadeFromTheOld() throws IOException {
    Path file = in("a.txt");
    storage.writeAtomically(file, bytes("new"));
    assertNewContentMayBeMadeFromTheOld(storage, file);
  }

  private void assertNewContentMayBeMadeFromTheOld(Storage storage, Path file) throws IOException {
    storage.writeAtomically(
        file,
        out -> {
          try (var old = storage.open(file)) {
            out.write(bytes("not so "));
            old.transferTo(out);
          }
        });
    assertEquals("not so new", storage.readText(file, 100));
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                storage.writeAtomically(
                    file,
                    out -> {
                      out.write(bytes("half"));
                      throw new IOException("the source is gone");
                    }));
    assertTrue(e.getMessage().contains("the source is gone"), e.getMessage());
    assertEquals("not so new", storage.readText(file, 100));
    assertEquals(List.of("a.txt"), names("."));
  }

  @Test
  void staleChecksumDoesNotSpoilAReplacedFile() throws IOException {
    Path file = in("a.txt");
    Configuration configuration = new Configuration();
    try (var stream = file.getFileSystem(configuration).create(file)) {
      stream.write(bytes("written with a checksum"));
    }
    assertEquals(List.of(".a.txt.crc", "a.txt"), names("."));
    storage.writeAtomically(file, bytes("new"));
    try (var stream = file.getFileSystem(configuration).open(file)) {
      assertArrayEquals(bytes("new"), stream.readAllBytes());
    }
  }

  @Test
  void readersSeeOldOrNew() throws Exception {
    Path file = in("a.txt");
    byte[] first = "1".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    byte[] second = "2".repeat(50_000).getBytes(StandardCharsets.UTF_8);
    storage.writeAtomically(file, first);
    ExecutorService writer = Executors.newSingleThreadExecutor();
    Callable<Void> writes =
        () -> {
          for (int i = 0; i < 40; i++) {
            storage.writeAtomically(file, i % 2 == 0 ? second : first);
          }
          return null;
        };
    Future<Void> writing = writer.submit(writes);
    do {
      byte[] seen = storage.read(file, 200_000);
      assertArrayEquals(seen.length == first.length ? first : second, seen);
    } while (!writing.isDone());
    writing.get();
    writer.shutdown();
  }

  @Test
  void foldersMoveToNamesThatNothingHas() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("fs.object.impl", ObjectStore.class.getName());
    for (String scheme : List.of("file", "object")) {
      Storage any = new Storage(configuration);
      Path base = any.path(scheme + "://" + folder + "/" + scheme);
      Path from = new Path(base, "from"), to = new Path(base, "to");
      any.writeAtomically(new Path(from, "a/x"), bytes("new"));
      any.moveFolder(from, to);
      assertFalse(any.exists(from));
      assertEquals("new", any.readText(new Path(to, "a/x"), 10));
      any.writeAtomically(new Path(from, "b/x"), bytes("other"));
      IOException e = assertThrows(IOException.class, () -> any.moveFolder(from, to));
      assertTrue(e.getMessage().endsWith("/to exists already"), e.getMessage());
      assertEquals("new", any.readText(new Path(to, "a/x"), 10));
    }
  }

  @Test
  void otherFileSystemsAreWrittenToo() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set("fs.object.impl", ObjectStore.class.getName());
    Storage objects = new Storage(configuration);
    Path file = objects.path("object://" + folder + "/a.txt");
    assertTrue(objects.createExclusively(file, bytes("old")));
    assertFalse(objects.createExclusively(file, bytes("other")));
    objects.writeAtomically(file, bytes("new"));
    assertEquals("new", objects.readText(file, 10));
    assertNewContentMayBeMadeFromTheOld(objects, file);
  }

  @Test
  void ofManyThatCreateExclusivelyOneSucceeds() throws Exception {
    Path file = in("lock");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<Boolean>> results = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      byte[] content = bytes("writer " + i);
      results.add(threads.submit(() -> storage.createExclusively(file, content)));
    }
    int winners = 0;
    for (Future<Boolean> result : results) {
      winners += result.get() ? 1 : 0;
    }
    threads.shutdown();
    assertEquals(1, winners);
  }

  @Test
  void filesBeyondTheLimitAreRefused() throws IOException {
    Path file = in("a.txt");
    storage.writeAtomically(file, bytes("12345"));
    assertEquals(5, storage.read(file, 5).length);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> storage.read(file, 4));
    assertTrue(e.getMessage().contains("longer than the 4 bytes"), e.getMessage());
  }

  @Test
  void recordsTravelAsJson() throws IOException {
    Path file = in("setting.json");
    storage.writeJson(file, new Setting("a", 3));
    assertEquals("{\n  \"name\" : \"a\",\n  \"number\" : 3\n}\n", storage.readText(file, 100));
    assertEquals(new Setting("a", 3), storage.readJson(file, Setting.class, 100));
  }

  @Test
  void wrongJsonIsRefusedInOneLine() throws IOException {
    Path file = in("setting.json");
    for (String text :
        List.of(
            "{\"name\":", "{\"name\": \"a\"", "{\"nome\": \"a\"}", "{\"number\": 1}", "", "[]")) {
      storage.writeAtomically(file, bytes(text));
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> storage.readJson(file, Setting.class, 100));
      assertTrue(e.getMessage().startsWith(file + ": not the JSON"), e.getMessage());
      assertFalse(e.getMessage().contains("Feature"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Test
  void recordsOwnCheckSpeaksForItself() throws IOException {
    Path file = in("setting.json");
    storage.writeAtomically(file, bytes("{\"name\": \"a\", \"number\": -1}"));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> storage.readJson(file, Setting.class, 100));
    assertEquals(file + ": number is -1, expected >= 0", e.getMessage());
  }

  @Test
  void foldersAreListedByNameAndDeletedWhole() throws IOException {
    storage.writeAtomically(in("sub/b"), bytes("b"));
    storage.writeAtomically(in("sub/a"), bytes("a"));
    List<String> found = new ArrayList<>();
    storage.list(in("sub")).forEach(status -> found.add(status.getPath().getName()));
    assertEquals(List.of("a", "b"), found);
    assertTrue(storage.isFolder(in("sub")));
    assertFalse(storage.isFolder(in("sub/a")));
    assertFalse(storage.isFolder(in("none")));
    assertEquals(1, storage.sizeBytes(in("sub/a")));
    storage.delete(in("sub"));
    storage.delete(in("sub"));
    assertFalse(storage.exists(in("sub")));
  }

  @Test
  void largeFilesAreWrittenAsStreamsWithoutChecksumFiles() throws IOException {
    try (var stream = storage.create(in("sub/a"))) {
      stream.write(bytes("streamed"));
    }
    assertEquals("streamed", storage.readText(in("sub/a"), 100));
    assertEquals(List.of("a"), names("sub"));
  }

  @Test
  void placeBelowAFileIsNoFolder() throws IOException {
    storage.checkFolder(in("a/b"));
    storage.writeAtomically(in("a"), bytes("a file"));
    for (String name : List.of("a", "a/b", "a/b/c")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> storage.checkFolder(in(name)));
      assertEquals(in("a") + " is a file, wanted a folder", e.getMessage());
    }
  }

  @Test
  void folderThatCannotBeWrittenToIsRefused() throws IOException {
    java.nio.file.Path closed = Files.createDirectory(folder.resolve("closed"));
    assumeTrue(closed.toFile().setWritable(false) && !Files.isWritable(closed));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> storage.checkFolder(in("closed/new")));
    assertTrue(e.getMessage().startsWith(in("closed") + " can't be written to"), e.getMessage());
  }

  @Test
  void fileWhoseWritingFailedIsRemoved() throws IOException {
    Thread.currentThread().interrupt();
    IOException e =
        assertThrows(IOException.class, () -> storage.createExclusively(in("a"), bytes("x")));
    assertTrue(Thread.interrupted());
    assertTrue(e.getMessage().startsWith(folder + "/a can't be written: "), e.getMessage());
    assertFalse(storage.exists(in("a")));
  }

  private Path in(String name) {
    return storage.path(folder.resolve(name).toString());
  }

  private List<String> names(String sub) throws IOException {
    try (var files = Files.list(folder.resolve(sub))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
