package convoy.planning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.CarriedState;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.engine.network.Parameters;
import convoy.engine.training.TrainingConfig;
import convoy.training.MemoryNeeds;
import convoy.training.TrainingSetup;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EpochSimulationTest {
  private static final double TINY = 1e-9;

  @TempDir private static Path shared;

  private static TrainingSetup setup;
  private static long stateBytes;
  private static MemoryNeeds needs;
  private static EpochSimulation simulation;

  @BeforeAll
  static void simulate() throws Exception {
    ImageDataset dataset = TestData.dataset(TestSpark.local(2), shared, 7, 50, 3);
    TrainingConfig config =
        TrainingConfig.DEFAULT.with("batchSize=4", "validationFraction=0.2", "shards=3");
    setup = new TrainingSetup(dataset, TestData.network(), config);
    stateBytes =
        4L * (setup.network().layout().size() + 2L * setup.network().layout().trainableSize());
    RoundCost cost = new RoundCost(2, 0.5, 0, 0.25, 1);
    CarriedState carried =
        CarriedState.initial(config, Parameters.initial(setup.network().layout(), 0));
    needs = MemoryNeeds.of(setup, setup.replica(), carried);
    simulation = new EpochSimulation(setup, new ClusterTimes(2, 2, 2, 0, cost, stateBytes), needs);
  }

  @Test
  void theValidationShareIsNotTrainedOn() {
    assertEquals(40, setup.trainingImages());
  }

  @Test
  void anEpochIsItsStepsAndItsRounds() {
    // Four replicas at once, each of 10 images: 2.5 steps of 2 s. A round takes 0.75 s and 1 s for
    // each of an executor's two shards.
    EpochForecast once = simulation.epoch(2, 4, 0);
    assertEquals(1, once.rounds());
    assertEquals(5 + 2.75, once.seconds(), TINY);
    assertEquals(2.75 / 7.75, once.synchronizationShare(), TINY);
    assertEquals(2 * stateBytes, once.broadcastBytes());
    assertEquals(4 * stateBytes, once.reducedBytes());

    EpochForecast often = simulation.epoch(2, 4, 2);
    assertEquals(2, often.rounds(), "two steps, and the third");
    assertEquals(5 + 2 * 2.75, often.seconds(), TINY);
    assertEquals(8 * stateBytes, often.reducedBytes());
  }

  @Test
  void moreShardsThanReplicasTakeTurns() {
    // Two turns of four replicas with 8 images; one executor has three of the shards.
    assertEquals(2 * 4 + 0.75 + 3, simulation.epoch(2, 5, 0).seconds(), TINY);
  }

  @Test
  void fewerShardsThanExecutorsLeaveSomeIdle() {
    EpochForecast one = simulation.epoch(2, 1, 0);
    double model = 0.25 * Math.log(2) / Math.log(3);
    assertEquals(20 + 0.5 + model + 1, one.seconds(), TINY);
    assertEquals(stateBytes, one.broadcastBytes());
  }

  @Test
  void shardsWithoutAnImageCanNotBeTrained() {
    assertTrue(simulation.canTrain(40));
    assertFalse(simulation.canTrain(41));
  }

  @Test
  void memoryIsWhatTrainingChecks() {
    EpochForecast forecast = simulation.epoch(2, 4, 0);
    assertEquals(needs.driver(), forecast.driverBytes());
    // Two tasks at once, each with 10 images to train on and 3 that validate.
    assertEquals(needs.executor(2, 4, 13), forecast.executorBytes());
    assertEquals(needs.executor(1, 1, 50), simulation.epoch(2, 1, 0).executorBytes());
  }
}
