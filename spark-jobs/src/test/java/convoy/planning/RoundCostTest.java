package convoy.planning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.planning.RoundCost.Sample;
import org.junit.jupiter.api.Test;

class RoundCostTest {
  /** On two executors, worked out by hand from 0.1 + 0.01 (P + slices) + 0.2 + 0.05 ceil(P / 2). */
  private static final Sample BARE = new Sample(2, 1, 0.13);

  private static final Sample FEW = new Sample(2, 3, 0.40);
  private static final Sample MANY = new Sample(8, 5, 0.63);

  private final RoundCost cost = RoundCost.of(2, 0.01, BARE, FEW, MANY);

  @Test
  void partsAreThoseThatGiveTheTimesOfTheRounds() {
    assertEquals(2, cost.executors());
    assertEquals(0.01, cost.taskSeconds());
    assertEquals(0.1, cost.fixedSeconds(), 1e-12);
    assertEquals(0.05, cost.shardSeconds(), 1e-12);
    assertEquals(0.2, cost.modelSeconds(), 1e-12);
  }

  @Test
  void theMeasuredRoundsAreToldAsTheyWere() {
    assertEquals(FEW.seconds(), cost.seconds(2, FEW.shards(), FEW.slices()), 1e-12);
    assertEquals(MANY.seconds(), cost.seconds(2, MANY.shards(), MANY.slices()), 1e-12);
  }

  @Test
  void moreExecutorsShareTheShardsAndHandTheModelOn() {
    // log2(9) / log2(3) = 2: 0.1 + 0.01 (16 + 5) + 0.4 + 0.05 * 16 / 8.
    assertEquals(0.81, cost.seconds(8, 16, 5), 1e-12);
  }

  @Test
  void executorsWithoutAShardTakeNoPart() {
    assertEquals(cost.seconds(4, 4, 5), cost.seconds(1000, 4, 5), 1e-12);
    assertEquals(0.05, cost.seconds(4, 5, 5) - cost.seconds(4, 4, 6), 1e-12, "one has two of five");
  }

  @Test
  void noisePutsNoPartBelowZero() {
    RoundCost noisy =
        RoundCost.of(1, 0.1, new Sample(1, 1, 0.15), new Sample(1, 1, 0.14), new Sample(4, 1, 0.2));
    assertEquals(new RoundCost(1, 0, 0.1, 0, 0), noisy);
  }
}
