package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.planning.ClusterTimes;
import convoy.planning.EpochForecast;
import convoy.planning.RoundCost;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTableTest {
  @Test
  void linesSayWhatWasMeasuredWhatIsExpectedAndWhetherExecutorsAreWorthTheirWhile() {
    PlanResult result =
        new PlanResult(
            new ClusterTimes(2, 1, 0.1254, 0.5, new RoundCost(0, 0, 0, 0, 0), 12_300_000),
            List.of(
                new EpochForecast(
                    2, 2, 0, 1, 50.04, 0.01, 24_600_000, 24_600_000, 500_000_000, 400_000_000),
                new EpochForecast(
                    1000, 1000, 50, 4, 1.5, 0.984, 49_200_000_000L, 49_200_000_000L, 1, 1)),
            List.of(new PlanResult.Comparison(2, 50, 95), new PlanResult.Comparison(1000, 90, 95)));
    assertEquals(
        List.of(
            "measured on 2 executors, 1 replica at once on each:",
            "  a step of 32 images 0.125 s, a round without steps 0.50 s, of 12.3 MB a replica",
            "",
            "                    average           seconds             bytes an epoch"
                + "              heap of  heap of an",
            "executors  shards     every  rounds  an epoch  averaging        sent out  reduced"
                + "  the driver    executor",
            "        2       2     epoch       1      50.0       1.0%         24.6 MB  24.6 MB"
                + "    500.0 MB    400.0 MB",
            "    1,000   1,000  50 steps       4       1.5      98.4%         49.2 GB  49.2 GB"
                + "      0.0 MB      0.0 MB",
            "",
            "2 executors take 50.0 s an epoch, one takes 95.0 s: 1.90 times as fast",
            "1000 executors take 90.0 s an epoch, one takes 95.0 s: one machine is the better"
                + " choice"),
        PlanTable.lines(result, 32));
  }
}
