package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Shapes and refusals of the layers that are not convolution, pooling or scaling. */
class LayerShapeTest {
  private static final Shape IMAGES = new Shape(2, 3, 4, 5);

  @Test
  void flattenKeepsAllValuesInOneRow() {
    assertEquals(Shape.flat(2, 60), new Flatten().outputShape(IMAGES));
  }

  @Test
  void denseWantsFlatInput() {
    Dense layer = new Dense(10, true);
    assertEquals(Shape.flat(2, 10), layer.outputShape(Shape.flat(2, 60)));
    String message = refusal(() -> layer.outputShape(IMAGES));
    assertTrue(message.contains("3x4x5") && message.contains("flatten"), message);
    refusal(() -> new Dense(0, true));
  }

  @Test
  void denseHasOneWeightForEachPairAndABias() {
    List<ParameterSpec> parameters = new Dense(10, true).parameters(Shape.flat(2, 60));
    assertEquals(List.of(60, 10), parameters.get(0).dimensions());
    assertEquals(new Initializer.GlorotUniform(60, 10), parameters.get(0).initializer());
    assertEquals(List.of(10), parameters.get(1).dimensions());
    assertEquals(1, new Dense(10, false).parameters(Shape.flat(2, 60)).size());
    assertEquals(1200, new Dense(10, false).multiplications(Shape.flat(2, 60)));
  }

  @Test
  void residualAddsWhatHasOneShape() {
    Padding same = new Padding.Same();
    Layer keeps = TestLayers.convolution(5, 3, 3, 1, 1, same, true);
    Layer widens = TestLayers.convolution(6, 3, 3, 1, 1, same, true);
    assertEquals(IMAGES, Residual.identity(List.of(keeps)).outputShape(IMAGES));
    String identity = refusal(() -> Residual.identity(List.of(widens)).outputShape(IMAGES));
    assertTrue(identity.contains("3x4x6") && identity.contains("input is 3x4x5"), identity);
    Sequence body = new Sequence(List.of(widens));
    Residual projected = new Residual(body, Optional.of(new Sequence(List.of(widens))));
    assertEquals(new Shape(2, 3, 4, 6), projected.outputShape(IMAGES));
    Residual wrong = new Residual(body, Optional.of(new Sequence(List.of(keeps))));
    String projection = refusal(() -> wrong.outputShape(IMAGES));
    assertTrue(projection.contains("projection is 3x4x5"), projection);
  }

  @Test
  void sequenceHasAtLeastOneLayer() {
    refusal(() -> new Sequence(List.of()));
  }

  @Test
  void parameterBeyondAnArrayIsRefused() {
    Initializer zeros = new Initializer.Zeros();
    int large = Integer.MAX_VALUE;
    refusal(() -> new ParameterSpec("w", List.of(large, large, large, large), zeros));
    refusal(() -> new ParameterSpec("w", List.of(), zeros));
    refusal(() -> new ParameterSpec("w", List.of(3, 0), zeros));
    assertEquals(24, new ParameterSpec("w", List.of(2, 3, 4), zeros).size());
  }

  private static String refusal(Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }
}
