package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.ParameterLayout.Moments;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlicingTest {
  private static final ParameterLayout LAYOUT = TestData.network().layout();

  @Test
  void slicesCoverTheStateOnceAndInOrder() {
    for (long size : new long[] {1, 2, 9, 10, 11, 100}) {
      for (int sliceSize : new int[] {1, 3, 10}) {
        assertCovers(new Slicing(size, sliceSize, 0, List.of()));
      }
    }
  }

  @Test
  void largeStatesAreCutFinerTheMoreShardsThereAre() {
    long size = 200_000_000L;
    for (int shards : new int[] {1, 4, 16, 40, 1000}) {
      Slicing slicing = Slicing.of(size, LAYOUT, shards);
      assertCovers(slicing);
      assertTrue((long) slicing.sliceSize() * Float.BYTES * shards <= 64L << 20 | shards < 16);
      assertTrue((long) slicing.sliceSize() * Float.BYTES <= 4L << 20);
    }
  }

  @Test
  void aStateBeyondTheRangeOfIntIsCut() {
    assertCovers(Slicing.of(3L << 31, LAYOUT, 4));
  }

  @Test
  void aSmallStateIsOneSlice() {
    assertEquals(1, Slicing.of(1000, LAYOUT, 4).slices());
  }

  @Test
  void statisticsAreOneSliceWhereverTheyLie() {
    // Floats 0 to 6 are weights, 7 to 16 statistics of two layers, the rest is the optimizer's.
    List<Moments> moments = List.of(new Moments(7, 3), new Moments(13, 2));
    for (long size : new long[] {17, 18, 31}) {
      for (int sliceSize : new int[] {1, 3, 7, 100}) {
        Slicing slicing = new Slicing(size, sliceSize, 7, moments);
        assertCovers(slicing);
        int statistics = (7 + sliceSize - 1) / sliceSize;
        for (int slice = 0; slice < slicing.slices(); slice++) {
          assertEquals(slice == statistics, slicing.isStatistics(slice));
        }
        assertEquals(7, slicing.from(statistics));
        assertEquals(10, slicing.size(statistics));
        assertEquals(0, slicing.from(moments.get(0)));
        assertEquals(6, slicing.from(moments.get(1)));
      }
    }
    assertCovers(new Slicing(6, 4, 0, List.of(new Moments(0, 3))));
  }

  @Test
  void theTrainableParametersAreTheFirstOfTheState() {
    // 23 trainable, 3 frozen, 4 statistics, then the optimizer's.
    for (int sliceSize : new int[] {1, 4, 23, 24, 100}) {
      Slicing slicing = new Slicing(76, sliceSize, 23, List.of(new Moments(26, 2)));
      int trainable = 0;
      for (int slice = 0; slice < slicing.slices(); slice++) {
        if (slicing.trainable(slice) > 0) {
          assertEquals(trainable, slicing.from(slice));
          trainable += slicing.trainable(slice);
        }
      }
      assertEquals(23, trainable);
    }
  }

  private static void assertCovers(Slicing slicing) {
    long covered = 0;
    for (int slice = 0; slice < slicing.slices(); slice++) {
      assertEquals(covered, slicing.from(slice));
      assertTrue(slicing.size(slice) > 0);
      covered += slicing.size(slice);
    }
    assertEquals(slicing.stateSize(), covered);
  }
}
