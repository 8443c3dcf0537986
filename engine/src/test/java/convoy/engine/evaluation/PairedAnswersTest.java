package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected p-values are SciPy's; engine/src/test/python/probability_golden.py prints them. */
class PairedAnswersTest {

  @ParameterizedTest
  @CsvSource({
    "10, 25, 0.016673847800120715",
    "25, 10, 0.016673847800120715",
    "3, 3, 1",
    "0, 7, 0.015625",
    "0, 0, 1",
    "1200, 1100, 0.03896685268382023",
    "40000, 41000, 0.0004478218231375636"
  })
  void mcNemarIsThatOfTheBinomialDistribution(int first, int second, double wanted) {
    PairedAnswers answers = new PairedAnswers(2);
    for (int i = 0; i < first; i++) {
      answers.add(i % 2, true, false);
    }
    for (int i = 0; i < second; i++) {
      answers.add(i % 2, false, true);
    }
    answers.add(0, true, true);
    assertEquals(wanted, answers.mcNemar(), 1e-9 * wanted);
  }

  @Test
  void differencesAreCountedClassByClass() {
    PairedAnswers answers = new PairedAnswers(3), rest = new PairedAnswers(3);
    answers.add(0, true, false);
    answers.add(0, false, true);
    rest.add(0, false, true);
    rest.add(1, true, false);
    rest.add(2, true, true);
    rest.add(2, false, false);
    answers.merge(rest);
    assertEquals(2, answers.onlyFirst());
    assertEquals(2, answers.onlySecond());
    assertEquals(1, answers.gained(0));
    assertEquals(-1, answers.gained(1));
    assertEquals(0, answers.gained(2));
    assertEquals(3, answers.images(0));
    assertEquals(2, answers.images(2));
    assertThrows(IllegalArgumentException.class, () -> answers.merge(new PairedAnswers(2)));
  }
}
