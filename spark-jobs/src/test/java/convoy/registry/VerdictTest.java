package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.registry.Promotion.Kind;
import convoy.registry.RetrainingResult.Outcome;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerdictTest {
  private static final List<String> BETTER = List.of("better by 2 points", "no class fell");

  @TempDir private Path folder;
  private Registry registry;
  private Optional<Promotion> first;
  private Version challenger;

  @BeforeEach
  void champion() throws IOException {
    registry = Registry.open(new Storage(new Configuration()), folder.toString());
    first = promote(TestVersions.add(registry, 1, 0));
    challenger = TestVersions.add(registry, 2, 1, new Decision(true, BETTER));
  }

  @Test
  void betterOneIsPromotedForTheFirstOfItsReasons() throws IOException {
    assertVerdict(Outcome.PROMOTED, 2, BETTER, verdict(false));
    assertChampion(2, 2);
    assertEquals(BETTER.get(0), registry.champion().orElseThrow().reason());
  }

  /** The earlier call was killed before its promotion. */
  @Test
  void betterOneThatWasMadeBeforeIsPromoted() throws IOException {
    assertVerdict(Outcome.PROMOTED, 2, BETTER, verdict(true));
    assertChampion(2, 2);
  }

  @Test
  void oneThatIsNotBetterIsNotPromotedMadeBeforeOrNot() throws IOException {
    List<String> reasons = List.of("class cat fell");
    challenger = TestVersions.add(registry, 3, 1, new Decision(false, reasons));
    for (boolean madeBefore : List.of(false, true)) {
      assertVerdict(Outcome.NOT_BETTER, 1, reasons, verdict(madeBefore));
    }
    assertChampion(1, 1);
    promote(2);
    assertVerdict(Outcome.NOT_BETTER, 2, reasons, verdict(false));
  }

  /** Two processes go on with one retraining, whose version both find: one promotes for both. */
  @Test
  void oneThatItsOwnRetrainingHasPromotedMeanwhileIsTheChampion() throws IOException {
    promote(2);
    for (boolean madeBefore : List.of(false, true)) {
      assertVerdict(Outcome.PROMOTED, 2, BETTER, verdict(madeBefore));
    }
    assertChampion(2, 2);
  }

  @Test
  void oneThatAnotherHasOvertakenIsNotPromoted() throws IOException {
    long other = TestVersions.add(registry, 3, 1);
    promote(other);
    Verdict verdict = verdict(false);
    assertEquals(Outcome.OVERTAKEN, verdict.outcome());
    assertEquals(other, verdict.champion().orElseThrow().version());
    assertTrue(verdict.reasons().get(0).contains("version 2 stays unpromoted"));
    assertChampion(other, 2);
  }

  /** Who took it back meant it: another call of the same retraining does not undo that. */
  @Test
  void championThatWasTakenBackIsNotPromotedAgainByItself() throws IOException {
    promote(2);
    first = registry.promote(registry.champion(), 1, Kind.ROLLBACK, "worse in use");
    Verdict verdict = verdict(true);
    assertEquals(Outcome.NOT_BETTER, verdict.outcome());
    assertEquals(1, verdict.champion().orElseThrow().version());
    assertTrue(verdict.reasons().get(0).contains("promote it by hand"));
    assertChampion(1, 3);
  }

  private static void assertVerdict(
      Outcome outcome, long champion, List<String> reasons, Verdict verdict) {
    assertEquals(outcome, verdict.outcome());
    assertEquals(champion, verdict.champion().orElseThrow().version());
    assertEquals(reasons, verdict.reasons());
  }

  private Verdict verdict(boolean wasMadeBefore) throws IOException {
    return Verdict.of(registry, first, challenger, wasMadeBefore);
  }

  private Optional<Promotion> promote(long version) throws IOException {
    return registry.promote(registry.champion(), version, Kind.PROMOTION, "for the test");
  }

  private void assertChampion(long version, long promotions) throws IOException {
    Promotion champion = registry.champion().orElseThrow();
    assertEquals(version, champion.version());
    assertEquals(promotions, champion.number());
  }
}
