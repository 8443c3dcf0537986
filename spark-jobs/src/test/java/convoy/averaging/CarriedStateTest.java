package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import org.junit.jupiter.api.Test;

class CarriedStateTest {
  private final Parameters parameters = Parameters.initial(TestData.network().layout(), 3);
  private final int size = parameters.layout().trainableSize();
  private final CarriedState carried =
      new CarriedState(parameters, new OptimizerState(new float[2][size]));

  @Test
  void nextRoundStartsFromTheAverage() {
    float[] first = parameters.values().clone();
    carried.average().setSlice(0, new float[] {7});
    assertArrayEquals(first, carried.parameters().values(), "until the round is over");
    carried.advance();
    assertEquals(7, carried.parameters().values()[0]);
  }

  @Test
  void twoStatesAreAllThatThereIs() {
    ModelState start = carried.start(), average = carried.average();
    assertSame(parameters.values(), start.parameters());
    carried.advance();
    assertSame(average, carried.start());
    assertSame(start, carried.average());
    assertEquals(4L * (parameters.layout().size() + 2 * size), carried.sentBytes());
    assertEquals(2 * carried.sentBytes(), carried.sizeBytes());
  }
}
