package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.network.StepTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepTableTest {
  @Test
  void columnsLineUp() {
    List<StepTime> times =
        List.of(
            new StepTime("convolution12", "convolution+relu", 20, 40, 9_000_000_000L),
            new StepTime("optimizer", "adam", 0, 15, 0),
            new StepTime("dense1", "dense", 1.5, 3.5, 1_000_000));
    assertEquals(
        List.of(
            "step           operation        forward ms backward ms   share  GFLOP/s      floor",
            "convolution12  convolution+relu     20.000      40.000  75.0 %    300.0  60 / 55 %",
            "optimizer      adam                  0.000      15.000  18.8 %        -          -",
            "dense1         dense                 1.500       3.500   6.3 %      0.4          -",
            "sum                                 21.500      58.500 100.0 %    225.0          -"),
        StepTable.lines(times, List.of(FloorShare.of(12, 22, times.get(0)))));
  }

  /** As of a frozen layer below which nothing is trained, whose backward pass takes no time. */
  @Test
  void passThatHasNothingToDoHasNoShare() {
    StepTime frozen = new StepTime("convolution1", "convolution", 20, 0, 1_000_000);
    FloorShare floor = FloorShare.of(12, 0, frozen);
    assertEquals(0, floor.backwardShare());
    assertTrue(StepTable.lines(List.of(frozen), List.of(floor)).get(1).endsWith("  60 / -"));
  }
}
