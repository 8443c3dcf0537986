package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.training.TrainingMetrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class AveragedSliceTest {
  @Test
  void sharesAreWeightedByTheirImages() {
    AveragedSlice slice =
        AveragedSlice.of(5, parts(part(0, 1, 1f, 10f), part(1, 3, 2f, -10f), part(2, 4, 0.5f, 0f)));
    // (1 * 1 + 3 * 2 + 4 * 0.5) / 8 and (1 * 10 - 3 * 10) / 8
    assertArrayEquals(new float[] {1.125f, -2.5f}, slice.values());
    assertEquals(5, slice.number());
    assertEquals(List.of(0, 1, 2), slice.reports().stream().map(ShardReport::shard).toList());
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
      assertArrayEquals(new float[] {0}, AveragedSlice.of(0, arrived).values());
    }
  }

  @Test
  void aShardThatTrainedNothingHasNoWeight() {
    AveragedSlice slice =
        AveragedSlice.of(0, parts(part(0, 2, 3f), part(1, 0, Float.POSITIVE_INFINITY)));
    assertArrayEquals(new float[] {3}, slice.values());
    assertEquals(2, slice.reports().size());
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
        new float[] {(float) ((0x1p24 + 3) / 4)}, AveragedSlice.of(0, parts).values());
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
