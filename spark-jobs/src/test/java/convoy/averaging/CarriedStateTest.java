package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import convoy.engine.network.Parameters;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import org.junit.jupiter.api.Test;

class CarriedStateTest {
  private static final StepRange STEPS = new StepRange(0, 0, 4, 0);

  private final Parameters parameters = Parameters.initial(TestData.network().layout(), 3);
  private final int size = parameters.layout().trainableSize();

  @Test
  void nextRoundStartsFromTheAverage() {
    CarriedState carried = carried(TrainingConfig.DEFAULT);
    float[] first = parameters.values().clone();
    carried.average().setSlice(0, new float[] {7});
    assertArrayEquals(first, carried.parameters().values(), "until the round is over");
    carried.advance(STEPS, 4);
    assertEquals(7, carried.parameters().values()[0]);
    assertSame(carried.parameters().values(), carried.evaluated().values());
  }

  @Test
  void nextRoundStartsFromTheOuterStepWhereThereIsOne() {
    CarriedState carried = carried(TrainingConfig.DEFAULT.with("averaging.outer.learningRate=0.5"));
    parameters.values()[0] = 3;
    carried.average().setSlice(0, new float[] {7});
    carried.advance(STEPS, 4);
    assertEquals(5, carried.parameters().values()[0]);
  }

  @Test
  void theMovingAverageIsEvaluatedWhereThereIsOne() {
    CarriedState carried = carried(TrainingConfig.DEFAULT.with("averaging.movingAverage=0.25"));
    carried.average().setSlice(0, new float[] {10});
    carried.advance(STEPS, 4);
    carried.average().setSlice(0, new float[] {20});
    carried.advance(new StepRange(1, 0, 4, 4), 4);
    // Of decay 1/4: (10 + 4 * 20) / 5.
    assertEquals(18, carried.evaluated().values()[0], 1e-6);
    assertEquals(20, carried.parameters().values()[0]);
  }

  @Test
  void twoStatesAreAllThatThereIsUnlessMoreIsAskedFor() {
    CarriedState carried = carried(TrainingConfig.DEFAULT);
    ModelState start = carried.start(), average = carried.average();
    assertSame(parameters.values(), start.parameters());
    carried.advance(STEPS, 4);
    assertSame(average, carried.start());
    assertSame(start, carried.average());
    assertEquals(4L * (parameters.layout().size() + 2 * size), carried.sentBytes());
    assertEquals(2 * carried.sentBytes(), carried.sizeBytes());
    TrainingConfig more =
        TrainingConfig.DEFAULT.with("averaging={outer: {momentum: 0.9}, movingAverage: 0.5}");
    assertEquals(
        carried.sizeBytes() + 4L * (parameters.layout().size() + size), carried(more).sizeBytes());
  }

  private CarriedState carried(TrainingConfig config) {
    return CarriedState.initial(config, parameters);
  }
}
