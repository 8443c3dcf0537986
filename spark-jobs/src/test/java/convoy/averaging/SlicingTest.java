package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SlicingTest {
  @Test
  void slicesCoverTheStateOnceAndInOrder() {
    for (long size : new long[] {1, 2, 9, 10, 11, 100}) {
      for (int sliceSize : new int[] {1, 3, 10}) {
        assertCovers(new Slicing(size, sliceSize));
      }
    }
  }

  @Test
  void largeStatesAreCutFinerTheMoreShardsThereAre() {
    long size = 200_000_000L;
    for (int shards : new int[] {1, 4, 16, 40, 1000}) {
      Slicing slicing = Slicing.of(size, shards);
      assertCovers(slicing);
      assertTrue((long) slicing.sliceSize() * Float.BYTES * shards <= 64L << 20 | shards < 16);
      assertTrue((long) slicing.sliceSize() * Float.BYTES <= 4L << 20);
    }
  }

  @Test
  void aStateBeyondTheRangeOfIntIsCut() {
    assertCovers(Slicing.of(3L << 31, 4));
  }

  @Test
  void aSmallStateIsOneSlice() {
    assertEquals(1, Slicing.of(1000, 4).slices());
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
