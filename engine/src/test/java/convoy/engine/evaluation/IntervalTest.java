package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected intervals are SciPy's; engine/src/test/python/probability_golden.py prints them. */
class IntervalTest {

  @ParameterizedTest
  @CsvSource({
    "71, 100, 0.6146110882442888, 0.7898516425087772",
    "0, 20, 0, 0.16112515805281935",
    "20, 20, 0.8388748419471808, 1",
    "7136, 10000, 0.7046587223368577, 0.7223772335591894"
  })
  void intervalIsWilsons(long part, long whole, double low, double high) {
    Interval interval = Interval.of(part, whole);
    assertEquals(low, interval.low(), 1e-12);
    assertEquals(high, interval.high(), 1e-12);
  }

  @Test
  void nothingSeenTellsNothing() {
    assertEquals(new Interval(0, 1), Interval.of(0, 0));
  }
}
