package convoy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.RoundFigures;
import convoy.averaging.RoundFiguresTest;
import convoy.training.TestRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundLogTest {
  @TempDir private Path folder;

  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("rounds.jsonl");
  }

  @Test
  void linesAreWrittenInTheirOrder() throws IOException {
    RoundLog log = open(0);
    log.write();
    assertFalse(Files.exists(file), "nothing to write");
    add(log, 1, 2);
    assertFalse(Files.exists(file), "not written yet");
    log.write();
    add(log, 3);
    log.write();
    log.write();
    assertRounds(1, 2, 3);
    assertEquals(List.of("rounds.jsonl"), names(), "nothing else is left");
  }

  @Test
  void whoGoesOnDropsTheRoundsThatComeAgain() throws IOException {
    RoundLog log = open(0);
    add(log, 1, 2, 3, 4);
    log.write();
    RoundLog resumed = open(2);
    assertRounds(1, 2);
    add(resumed, 3, 4, 5);
    resumed.write();
    assertRounds(1, 2, 3, 4, 5);
  }

  @Test
  void whoGoesOnAfterTheLastRoundLosesNone() throws IOException {
    RoundLog log = open(0);
    add(log, 1, 2);
    log.write();
    String before = Files.readString(file);
    RoundLog resumed = open(2);
    assertEquals(before, Files.readString(file));
    add(resumed, 3);
    resumed.write();
    assertTrue(Files.readString(file).startsWith(before));
    assertRounds(1, 2, 3);
  }

  @Test
  void withoutACheckpointAllLinesAreDropped() throws IOException {
    RoundLog log = open(0);
    add(log, 1, 2);
    log.write();
    open(0);
    assertFalse(Files.exists(file));
  }

  @Test
  void linesOfARunThatHadNoLogAreMissing() throws IOException {
    RoundLog log = open(5);
    add(log, 6);
    log.write();
    assertRounds(6);
    open(6);
    assertRounds(6);
  }

  @Test
  void anAlteredLineIsNamedAndTheFileLeftAsItIs() throws IOException {
    String good = "{\"round\":1}\n{\"round\":2}\n";
    assertAltered(good + "{\"round\":2}\n", "line 3: its round is not that after round 2");
    assertAltered(good + "{\"epoch\":2}\n", "line 3: its round is not that after round 2");
    assertAltered(good + "[]\n", "line 3: its round is not that after round 2");
    assertAltered(good + "{\"round\":3\n", "line 3: it is not JSON");
    assertAltered(good + "round 3\n", "line 3: it is not JSON");
    assertAltered(good + "{\"round\":3}", "line 3: its end is missing");
  }

  @Test
  void whatComesBehindTheRoundsSoFarDoesNotMatter() throws IOException {
    Files.writeString(file, "{\"round\":1}\n{\"round\":2}\n{\"round\":3");
    open(1);
    assertEquals("{\"round\":1}\n", Files.readString(file));
  }

  @Test
  void aFileThatWasTruncatedMeanwhileIsNamedAndLeftAsItIs() throws IOException {
    RoundLog log = open(0);
    add(log, 1, 2);
    log.write();
    Files.writeString(file, "{\"round\":1}\n");
    add(log, 3);
    IOException e = assertThrows(IOException.class, log::write);
    assertTrue(e.getMessage().contains("rounds.jsonl was truncated"), e.getMessage());
    assertEquals(List.of("rounds.jsonl"), names());
    assertRounds(1);
  }

  private void assertAltered(String content, String part) throws IOException {
    Files.writeString(file, content);
    String message = assertThrows(IllegalArgumentException.class, () -> open(9)).getMessage();
    assertTrue(message.contains(file + " was altered at " + part), message);
    assertEquals(1, message.lines().count());
    assertEquals(content, Files.readString(file));
  }

  private void assertRounds(long... rounds) throws IOException {
    assertEquals(
        Arrays.stream(rounds).boxed().toList(),
        TestRun.rounds(folder).stream().map(line -> line.get("round").longValue()).toList());
  }

  private RoundLog open(long round) throws IOException {
    return TestRun.runFolder(folder).roundLog(round);
  }

  private static void add(RoundLog log, long... rounds) throws IOException {
    RoundFigures figures = RoundFiguresTest.FIGURES;
    for (long round : rounds) {
      log.add(
          new RoundFigures(
              round,
              figures.steps(),
              figures.learningRate(),
              figures.reports(),
              figures.distances(),
              figures.times(),
              figures.stateBytes()),
          "digest of " + round);
    }
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(name -> name.getFileName().toString()).sorted().toList();
    }
  }
}
