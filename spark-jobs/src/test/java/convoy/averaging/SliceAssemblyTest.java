package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.Numerics;
import convoy.engine.network.ParameterLayout.Moments;
import convoy.engine.training.TrainingMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;

class SliceAssemblyTest {
  /** Three weights, a mean and a variance, then three values of the optimizer. */
  private static final Slicing SLICING = new Slicing(8, 2, 3, List.of(new Moments(3, 1)));

  private final ModelState state = new ModelState(new float[5], new float[][] {new float[3]});
  private final SliceAssembly assembly = new SliceAssembly(SLICING, state, 2);

  @Test
  void slicesFindTheirPlaceInAnyOrder() {
    putAll();
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, state.slice(0, 8));
    assertEquals(List.of(0, 1), assembly.reports().stream().map(ShardReport::shard).toList());
    assertFalse(assembly.statisticsDiverged());
  }

  @Test
  void distancesAreSummedInTheOrderOfSlices() {
    assembly.put(slice(3, 1e-20, 6, 7));
    assembly.put(slice(4, -1, 8));
    assembly.put(slice(0, 0, 1, 2));
    assembly.put(slice(1, 1, 3));
    assembly.put(slice(2, 0, 4, 5));
    assertEquals(0, assembly.distances().squared()[1], "1 swallows what comes after it");
  }

  @Test
  void aSliceOfFewerShardsIsRefused() {
    putAll();
    assembly.put(
        new AveragedSlice(
            3, new float[] {1, 2}, new ReplicaDistances(new double[1], 0), List.of()));
    assertEquals(
        "slice 3 is the average of 1 shards, wanted all 2",
        assertThrows(IllegalStateException.class, assembly::distances).getMessage());
  }

  @Test
  void statisticsBeyondAFloatAreToldFromWeights() {
    assembly.put(slice(0, 0, 1, Float.POSITIVE_INFINITY));
    assertFalse(assembly.statisticsDiverged());
    assembly.put(slice(2, 0, 1, Float.POSITIVE_INFINITY));
    assembly.put(slice(1, 0, 1));
    assertTrue(assembly.statisticsDiverged());
  }

  private void putAll() {
    assembly.put(slice(4, 0, 8));
    assembly.put(slice(1, 0, 3));
    assembly.put(slice(3, 0, 6, 7));
    assembly.put(slice(0, 0, 1, 2));
    assembly.put(slice(2, 0, 4, 5));
  }

  private static AveragedSlice slice(int number, double distance, float... values) {
    List<ShardReport> reports = number == 0 ? List.of(report(0), report(1)) : List.of();
    double[] squared = {distance, distance};
    return new AveragedSlice(number, values, new ReplicaDistances(squared, 0), reports);
  }

  private static ShardReport report(int shard) {
    TrainingMetrics metrics = new TrainingMetrics(5, 1, 1, -1, 1);
    return new ShardReport(shard, metrics, 0, "driver", new Numerics(1, "scalar"));
  }
}
