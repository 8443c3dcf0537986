package convoy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.storage.ProcessIdentity;
import convoy.storage.Storage;
import convoy.training.TestRun;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  private static final RunLock.Owner ELSEWHERE =
      new RunLock.Owner("a", new ProcessIdentity("elsewhere", -1, 1, -1));

  @TempDir private Path folder;

  @Test
  void aTakenLockIsHeldUntilItIsGivenUp() throws IOException {
    RunLock lock = take();
    assertTrue(lock.isHeld());
    lock.close();
    assertFalse(Files.exists(file()));
    assertFalse(lock.isHeld());
  }

  @Test
  void aLockOfThisProcessIsRefused() throws IOException {
    try (RunLock lock = take()) {
      assertRefused("process " + ProcessHandle.current().pid());
      assertTrue(lock.isHeld());
    }
    take().close();
  }

  @Test
  void aLockOfARunningProcessIsRefusedWithItsNumber() throws IOException {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      write(owner(other.toHandle()));
      assertRefused("process " + other.pid() + " on " + here());
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aLockOfADeadProcessIsTakenOverAtOnce() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    write(owner(other.toHandle()));
    other.destroyForcibly().waitFor();
    try (RunLock lock = take()) {
      assertTrue(lock.isHeld());
    }
  }

  @Test
  void aProcessThatHasGotTheNumberOfADeadOneIsNotTheOwner() throws IOException {
    ProcessIdentity self = ProcessIdentity.here();
    long earlier = self.started() - 1;
    write(
        new RunLock.Owner(
            "a", new ProcessIdentity(self.host(), self.namespace(), self.pid(), earlier)));
    try (RunLock lock = take()) {
      assertTrue(lock.isHeld());
    }
  }

  @Test
  void aLockOfAContainerThatHasTheHostsNameIsRefusedWhileItIsRenewed() throws IOException {
    ProcessIdentity self = ProcessIdentity.here();
    long other = self.namespace() + 1;
    write(new RunLock.Owner("a", new ProcessIdentity(self.host(), other, 1 << 30, 5)));
    assertRefused("process " + (1 << 30) + " on " + self.host());
  }

  @Test
  void aLockOfAnotherHostIsRefusedWhileItIsRenewed() throws IOException {
    write(ELSEWHERE);
    assertRefused("process 1 on elsewhere");
  }

  @Test
  void anExpiredLockOfAnotherHostIsTakenOver() throws IOException {
    write(ELSEWHERE);
    expire();
    try (RunLock lock = take()) {
      assertTrue(lock.isHeld());
    }
  }

  /** Of two hosts whose clocks differ neither takes the other's lock: one clock counts. */
  @Test
  void locksExpireByTheClockOfTheirFileSystem() throws IOException {
    for (Duration behind : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      Configuration configuration = new Configuration();
      configuration.set("fs.other.impl", OtherClock.class.getName());
      configuration.setBoolean("fs.other.impl.disable.cache", true);
      configuration.set(OtherClock.BEHIND, behind.toString());
      Storage storage = new Storage(configuration);
      var elsewhere = storage.path("other://" + folder);
      write(ELSEWHERE);
      String message =
          assertThrows(InUseException.class, () -> RunLock.take(storage, elsewhere)).getMessage();
      assertTrue(message.matches(".*, last seen [0-9] s ago.*"), message);
      expire();
      try (RunLock lock = RunLock.take(storage, elsewhere)) {
        assertTrue(lock.isHeld());
      }
    }
  }

  @Test
  void aHeldLockIsWrittenAnew() throws Exception {
    try (RunLock lock =
        RunLock.take(TestRun.STORAGE, hadoopFile().getParent(), Duration.ofMillis(5))) {
      for (int i = 0; i < 2; i++) {
        expire();
        FileTime expired = Files.getLastModifiedTime(file());
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (Files.getLastModifiedTime(file()).equals(expired)) {
          assertTrue(System.nanoTime() < end, "not renewed");
          Thread.sleep(1);
        }
      }
      assertTrue(lock.isHeld());
    }
    assertFalse(Files.exists(file()));
  }

  /** A renewal is no way to get a lock back. */
  @Test
  void aLockThatWasTakenOverIsNotWrittenAnew() throws Exception {
    try (RunLock lock =
        RunLock.take(TestRun.STORAGE, hadoopFile().getParent(), Duration.ofMillis(5))) {
      synchronized (lock) { // not between a renewal's look and its writing
        write(ELSEWHERE);
      }
      Thread.sleep(100);
      assertEquals(ELSEWHERE, read());
      assertFalse(lock.isHeld());
    }
  }

  @Test
  void anUnreadableLockCountsUntilItExpires() throws IOException {
    Files.writeString(file(), "");
    assertRefused("can't be read");
    expire();
    take().close();
  }

  @Test
  void aLockThatWasTakenOverIsNotGivenUp() throws IOException {
    RunLock lock = take();
    write(ELSEWHERE);
    assertFalse(lock.isHeld());
    lock.close();
    assertEquals(ELSEWHERE, read());
  }

  @Test
  void refusalsLeaveNothingBehind() throws IOException {
    write(ELSEWHERE);
    assertRefused("elsewhere");
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  private RunLock take() throws IOException {
    return TestRun.runFolder(folder).lock();
  }

  private void assertRefused(String part) {
    String message = assertThrows(IllegalArgumentException.class, this::take).getMessage();
    assertTrue(message.contains("in use by another run"), message);
    assertTrue(message.contains(part), message);
    assertTrue(message.contains(folder.toString()), message);
  }

  @Test
  void temporaryFilesAreRemovedAndNothingElse() throws IOException {
    try (RunLock lock = take()) {
      Files.writeString(folder.resolve(temporaryName("latest.json")), "half");
      Files.writeString(folder.resolve(temporaryName(RunLock.FILE)), "half");
      Files.writeString(folder.resolve(".notes.tmp"), "a user's");
      lock.deleteTemporaries();
      try (Stream<Path> left = Files.list(folder)) {
        assertEquals(
            List.of(".notes.tmp", RunLock.FILE),
            left.map(file -> file.getFileName().toString()).sorted().toList());
      }
    }
  }

  private static String temporaryName(String file) {
    return Storage.temporary(new org.apache.hadoop.fs.Path("/", file)).getName();
  }

  private static RunLock.Owner owner(ProcessHandle process) throws IOException {
    return new RunLock.Owner("a", ProcessIdentity.of(process));
  }

  private static String here() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }

  private void write(RunLock.Owner owner) throws IOException {
    TestRun.STORAGE.writeJson(hadoopFile(), owner);
  }

  private RunLock.Owner read() throws IOException {
    return TestRun.STORAGE.readJson(hadoopFile(), RunLock.Owner.class, 10_000);
  }

  private void expire() throws IOException {
    Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minusSeconds(61)));
  }

  private Path file() {
    return folder.resolve(RunLock.FILE);
  }

  private org.apache.hadoop.fs.Path hadoopFile() {
    return TestRun.STORAGE.path(file().toString());
  }
}
