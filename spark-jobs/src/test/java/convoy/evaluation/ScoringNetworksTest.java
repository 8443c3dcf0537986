package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.engine.data.ImageView;
import convoy.engine.network.Parameters;
import convoy.sharding.LabelledImage;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScoringNetworksTest {
  private static final ScoringPlan PLAN =
      new ScoringPlan(List.of(TestData.network().toYaml()), List.of(new ImageView.Clean()), false);

  @Test
  void theNextTaskOfAnEvaluationHasThoseOfTheLast() {
    ScoringNetworks first = take("a", 1);
    try (ImageScorer scorer = new ImageScorer(images(70), PLAN, first)) {
      for (int i = 0; i < 70; i++) {
        assertTrue(scorer.hasNext());
        scorer.next();
        assertFalse(isIdle(first));
      }
      assertFalse(scorer.hasNext());
      assertTrue(isIdle(first));
    }
    assertEquals(70, count(new ImageScorer(images(70), PLAN, first)));
  }

  @Test
  void anotherEvaluationHasItsOwnParameters() {
    float before = output(take("b", 1));
    float after = output(take("c", 2));
    assertEquals(before, output(take("d", 1)));
    assertFalse(before == after);
  }

  @Test
  void whatATaskLeavesInTheMiddleIsClosed() {
    ScoringNetworks networks = take("e", 1);
    try (ImageScorer scorer = new ImageScorer(images(70), PLAN, networks)) {
      scorer.next();
    }
    assertNotSame(networks, take("e", 1));
    byte[][] images = {pixels()};
    assertThrows(
        IllegalStateException.class, () -> networks.list().get(0).outputs(images, 1), "closed");
  }

  /** Whether the next task would have them, which are then taken. */
  private static boolean isIdle(ScoringNetworks networks) {
    return take("a", 1) == networks;
  }

  private static float output(ScoringNetworks networks) {
    ImageScorer scorer = new ImageScorer(images(1), PLAN, networks);
    float output = scorer.next().outputs()[0][0][0];
    assertFalse(scorer.hasNext());
    return output;
  }

  private static int count(Iterator<ScoredImage> scorer) {
    int count = 0;
    for (; scorer.hasNext(); count++) {
      scorer.next();
    }
    return count;
  }

  private static ScoringNetworks take(String evaluation, long seed) {
    float[][] parameters = {Parameters.initial(TestData.network().layout(), seed).values()};
    return ScoringNetworks.take(evaluation, PLAN, parameters);
  }

  private static Iterator<LabelledImage> images(int count) {
    return LongStream.range(0, count)
        .mapToObj(id -> new LabelledImage(id, 0, "", pixels()))
        .iterator();
  }

  private static byte[] pixels() {
    byte[] pixels = new byte[32 * 32 * 3];
    Arrays.fill(pixels, (byte) 100);
    return pixels;
  }
}
