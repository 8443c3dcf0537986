package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.Numerics;
import convoy.engine.network.ParameterLayout.Moments;
import convoy.engine.training.TrainingMetrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class AveragedSliceTest {
  private static final Slicing WEIGHTS = new Slicing(100, 10, 0, List.of());

  @Test
  void sharesAreWeightedByTheirImages() {
    AveragedSlice slice =
        AveragedSlice.of(
            5, WEIGHTS, parts(part(0, 1, 1f, 10f), part(1, 3, 2f, -10f), part(2, 4, 0.5f, 0f)));
    // (1 * 1 + 3 * 2 + 4 * 0.5) / 8 and (1 * 10 - 3 * 10) / 8
    assertArrayEquals(new float[] {1.125f, -2.5f}, slice.values());
    assertEquals(5, slice.number());
    assertEquals(3, slice.distances().squared().length);
  }

  @Test
  void orderOfArrivalDoesNotMatter() {
    // In double, 2^60 + 1 - 2^60 is 0 in this order and 1 if the 1 comes last.
    SlicePart[] parts = {part(0, 1, 0x1p60f), part(1, 1, 1f), part(2, 1, -0x1p60f)};
    for (List<Integer> order :
        List.of(
            List.of(0, 1, 2),
            List.of(0, 2, 1),
            List.of(1, 0, 2),
            List.of(1, 2, 0),
            List.of(2, 0, 1),
            List.of(2, 1, 0))) {
      List<SlicePart> arrived = new ArrayList<>();
      order.forEach(i -> arrived.add(parts[i]));
      assertArrayEquals(new float[] {0}, AveragedSlice.of(0, WEIGHTS, arrived).values());
    }
  }

  @Test
  void aShardThatTrainedNothingHasNoWeight() {
    AveragedSlice slice =
        AveragedSlice.of(0, WEIGHTS, parts(part(0, 2, 3f), part(1, 0, Float.POSITIVE_INFINITY)));
    assertArrayEquals(new float[] {3}, slice.values());
    assertEquals(2, slice.distances().squared().length);
  }

  @Test
  void whereNothingWasTrainedAllCountAlike() {
    AveragedSlice slice =
        AveragedSlice.of(0, WEIGHTS, parts(part(0, 0, 3f), part(1, 0, 4f), part(2, 0, 8f)));
    assertArrayEquals(new float[] {5}, slice.values());
    assertFalse(slice.diverged());
  }

  @Test
  void equalReplicasAreTheirOwnAverage() {
    float[] values = {0.1f, -1e-45f, 3e38f, 1 / 3f};
    Slicing slicing = new Slicing(4, 4, 4, List.of());
    AveragedSlice slice =
        AveragedSlice.of(
            0, slicing, parts(part(0, 0, values), part(1, 0, values), part(2, 0, values)));
    assertArrayEquals(values, slice.values());
    assertArrayEquals(new double[3], slice.distances().squared());
    assertEquals(0, slice.distances().relative(2));
  }

  @Test
  void distancesAreThoseToTheAverage() {
    // Averages (1 * 1 + 3 * 2) / 4 = 1.75 and (1 * 8 - 3 * 4) / 4 = -1.
    Slicing slicing = new Slicing(2, 2, 2, List.of());
    AveragedSlice slice = AveragedSlice.of(0, slicing, parts(part(1, 3, 2, -4), part(0, 1, 1, 8)));
    assertArrayEquals(
        new double[] {0.75 * 0.75 + 81, 0.25 * 0.25 + 9}, slice.distances().squared());
    assertEquals(1.75 * 1.75 + 1, slice.distances().squaredNorm());
  }

  @Test
  void distancesAreThoseOfTrainableParametersAlone() {
    Slicing slicing = new Slicing(7, 3, 5, List.of());
    AveragedSlice slice =
        AveragedSlice.of(1, slicing, parts(part(0, 1, 1, 2, 5), part(1, 1, 3, 4, 9)));
    assertArrayEquals(new double[] {2, 2}, slice.distances().squared());
    assertEquals(4 + 9, slice.distances().squaredNorm());
    AveragedSlice behind = AveragedSlice.of(2, slicing, parts(part(0, 1, 1), part(1, 1, 3)));
    assertEquals(0, behind.distances().squaredNorm());
    ReplicaDistances both = slice.distances().plus(behind.distances());
    assertEquals(Math.sqrt(2.0 / 13), both.relative(1), 1e-15);
  }

  @Test
  void theFirstSliceBringsTheReportsInTheOrderOfShards() {
    SlicePart[] parts = {part(2, 1, 1), part(0, 1, 1), part(1, 1, 1)};
    AveragedSlice first = AveragedSlice.of(0, WEIGHTS, parts(parts));
    assertEquals(List.of(0, 1, 2), first.reports().stream().map(ShardReport::shard).toList());
    assertEquals(List.of(), AveragedSlice.of(1, WEIGHTS, parts(parts)).reports());
  }

  @Test
  void aShardThatIsMissingIsNoticed() {
    assertThrows(
        IllegalStateException.class,
        () -> AveragedSlice.of(0, WEIGHTS, parts(part(2, 1, 1), part(0, 1, 1))));
  }

  @Test
  void sumsAreTakenInDouble() {
    List<SlicePart> parts = new ArrayList<>();
    parts.add(part(0, 1, 0x1p24f));
    for (int shard = 1; shard < 4; shard++) {
      parts.add(part(shard, 1, 1f));
    }
    Collections.reverse(parts);
    // In float, 2^24 + 1 is 2^24 again.
    assertArrayEquals(
        new float[] {(float) ((0x1p24 + 3) / 4)}, AveragedSlice.of(0, WEIGHTS, parts).values());
  }

  @Test
  void variancesAreThoseOfAllImagesTogether() {
    // One image of value 4; three of values 6, 6, 9. Together 4, 6, 6, 9: mean 6.25, and variance
    // (5.0625 + 0.0625 + 0.0625 + 7.5625) / 4 = 3.1875. A second channel where the means agree.
    Slicing slicing = new Slicing(9, 5, 0, List.of(new Moments(5, 2)));
    AveragedSlice slice =
        AveragedSlice.of(1, slicing, parts(part(1, 3, 7, 1, 2, 4), part(0, 1, 4, 1, 0, 8)));
    assertArrayEquals(new float[] {6.25f, 1, 3.1875f, 5}, slice.values());
  }

  @Test
  void variancesOfSeveralLayersArePooledWithTheirOwnMeans() {
    Slicing slicing = new Slicing(4, 5, 0, List.of(new Moments(0, 1), new Moments(2, 1)));
    AveragedSlice slice =
        AveragedSlice.of(0, slicing, parts(part(0, 1, -1, 1, 5, 2), part(1, 1, 1, 3, 5, 4)));
    assertArrayEquals(new float[] {0, 3, 5, 3}, slice.values());
  }

  @Test
  void equalMeansFarFromZeroLeaveNoVarianceBelowZero() {
    Slicing slicing = new Slicing(2, 5, 0, List.of(new Moments(0, 1)));
    for (float mean : new float[] {0.1f, -4096.1f, 1e30f, 1e-40f}) {
      AveragedSlice slice =
          AveragedSlice.of(
              0, slicing, parts(part(0, 3, mean, 0), part(1, 7, mean, 0), part(2, 9, mean, 0)));
      assertEquals(mean, slice.values()[0]);
      assertEquals(0, slice.values()[1], 1e-30 * Math.max(1, (double) mean * mean));
      assertTrue(slice.values()[1] >= 0);
    }
  }

  @Test
  void statisticsOfAShardThatTrainedNothingHaveNoWeight() {
    Slicing slicing = new Slicing(2, 5, 0, List.of(new Moments(0, 1)));
    AveragedSlice slice =
        AveragedSlice.of(
            0, slicing, parts(part(0, 2, 3, 4), part(1, 0, Float.NaN, Float.POSITIVE_INFINITY)));
    assertArrayEquals(new float[] {3, 4}, slice.values());
  }

  @Test
  void meansTooFarApartHaveNoFiniteVariance() {
    Slicing slicing = new Slicing(2, 5, 0, List.of(new Moments(0, 1)));
    assertFalse(
        AveragedSlice.of(0, slicing, parts(part(0, 1, 1e18f, 1), part(1, 1, -1e18f, 1)))
            .diverged());
    assertTrue(
        AveragedSlice.of(0, slicing, parts(part(0, 1, 1e20f, 1), part(1, 1, -1e20f, 1)))
            .diverged());
  }

  private static SlicePart part(int shard, long images, float... values) {
    TrainingMetrics metrics = new TrainingMetrics(images, 1, 1, -1, 1);
    return new SlicePart(
        new ShardReport(shard, metrics, 0, "driver", new Numerics(1, "scalar")), values);
  }

  private static List<SlicePart> parts(SlicePart... parts) {
    return new ArrayList<>(List.of(parts));
  }
}
