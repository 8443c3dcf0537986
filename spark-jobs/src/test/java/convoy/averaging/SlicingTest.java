package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.ParameterLayout.Moments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlicingTest {
  private static final ParameterLayout LAYOUT = TestData.network().layout();

  @Test
  void slicesCoverTheStateOnceAndInOrder() {
    for (long size : new long[] {1, 2, 9, 10, 11, 100}) {
      for (int sliceSize : new int[] {1, 3, 10}) {
        assertCovers(new Slicing(size, sliceSize, 0, List.of()), size);
      }
    }
  }

  @Test
  void largeStatesAreCutFinerTheMoreShardsThereAre() {
    long size = 200_000_000L;
    for (int shards : new int[] {1, 4, 16, 40, 1000}) {
      Slicing slicing = Slicing.of(size, LAYOUT, shards);
      assertCovers(slicing, size);
      long largest = (long) slicing.size(0) * Float.BYTES;
      assertTrue(largest * shards <= 64L << 20);
      assertTrue(largest <= 4L << 20);
    }
  }

  @Test
  void aStateBeyondTheRangeOfIntIsCut() {
    assertCovers(Slicing.of(3L << 31, LAYOUT, 4), 3L << 31);
  }

  @Test
  void aSmallStateIsOneSlice() {
    assertEquals(1, Slicing.of(1000, LAYOUT, 4).slices());
  }

  @Test
  void statisticsAreCutBetweenLayers() {
    // Floats 0 to 6 are weights, 7 to 16 statistics of two layers, the rest is the optimizer's.
    List<Moments> moments = List.of(new Moments(7, 3), new Moments(13, 2));
    for (long size : new long[] {17, 18, 31}) {
      for (int sliceSize : new int[] {1, 3, 7, 9, 10, 100}) {
        Slicing slicing = new Slicing(size, sliceSize, 7, moments);
        assertCovers(slicing, size);
        int first = (7 + sliceSize - 1) / sliceSize;
        boolean together = sliceSize >= 10;
        for (int slice = 0; slice < slicing.slices(); slice++) {
          boolean statistics = slice == first || !together && slice == first + 1;
          assertEquals(statistics, !slicing.statistics(slice).isEmpty());
        }
        assertEquals(7, slicing.from(first));
        assertEquals(together ? 10 : 6, slicing.size(first));
        if (together) {
          assertEquals(List.of(new Moments(0, 3), new Moments(6, 2)), slicing.statistics(first));
        } else {
          assertEquals(List.of(new Moments(0, 3)), slicing.statistics(first));
          assertEquals(List.of(new Moments(0, 2)), slicing.statistics(first + 1));
        }
      }
    }
    assertCovers(new Slicing(6, 4, 0, List.of(new Moments(0, 3))), 6);
  }

  @Test
  void statisticsOfManyLayersAndShardsAreCutTooAloneAndBehindTheWeights() throws IOException {
    String yaml = Files.readString(Path.of("../conf/networks/resnet50.yaml"));
    ParameterLayout layout = NetworkSpec.fromYaml("resnet50.yaml", yaml).layout();
    for (Slicing slicing :
        List.of(Slicing.ofStatistics(layout, 2000), Slicing.of(100_000_000, layout, 2000))) {
      int layers = 0;
      for (int slice = 0; slice < slicing.slices(); slice++) {
        assertTrue(2000L * Float.BYTES * slicing.size(slice) <= 64L << 20);
        layers += slicing.statistics(slice).size();
      }
      assertEquals(53, layers);
    }
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

  private static void assertCovers(Slicing slicing, long size) {
    long covered = 0;
    for (int slice = 0; slice < slicing.slices(); slice++) {
      assertEquals(covered, slicing.from(slice));
      assertTrue(slicing.size(slice) > 0);
      covered += slicing.size(slice);
    }
    assertEquals(size, covered);
  }
}
