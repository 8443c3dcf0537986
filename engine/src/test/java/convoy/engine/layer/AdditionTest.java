package convoy.engine.layer;

import static convoy.engine.layer.Backward.Mode.ACCUMULATE;
import static convoy.engine.layer.Backward.Mode.OVERWRITE;
import static convoy.engine.layer.Backward.Mode.UNWANTED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdditionTest {
  private static final Shape SHAPE = Shape.flat(1, 3);

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void outputIsTheSum(Kernels kernels) {
    Guarded y = Guarded.empty(SHAPE, 0);
    try (Workers workers = new Workers(1, ScratchSize.NONE)) {
      new Addition().forward(values(kernels, workers, y)).run();
    }
    assertArrayEquals(new float[] {11, 22, 33}, y.values());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void bothInputsReceiveTheGradient(Kernels kernels) {
    assertArrayEquals(new float[] {1, 2, 3}, backward(kernels, OVERWRITE, UNWANTED)[0]);
    assertArrayEquals(new float[] {1, 2, 3}, backward(kernels, UNWANTED, OVERWRITE)[1]);
    assertArrayEquals(new float[] {1, 2, 3}, backward(kernels, OVERWRITE, OVERWRITE)[1]);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientIsAddedToWhatAnotherConsumerLeft(Kernels kernels) {
    float[][] dx = backward(kernels, ACCUMULATE, ACCUMULATE);
    assertArrayEquals(new float[] {101, 102, 103}, dx[0]);
    assertArrayEquals(new float[] {101, 102, 103}, dx[1]);
  }

  private static float[][] backward(Kernels kernels, Backward.Mode first, Backward.Mode second) {
    Guarded dy = Guarded.of(SHAPE, 0, new float[] {1, 2, 3});
    Guarded da = Guarded.of(SHAPE, 0, new float[] {100, 100, 100});
    Guarded db = Guarded.of(SHAPE, 0, new float[] {100, 100, 100});
    Backward gradients =
        new Backward(
            dy.tensor(),
            List.of(),
            List.of(
                new Backward.InputGradient(first, da.tensor()),
                new Backward.InputGradient(second, db.tensor())));
    try (Workers workers = new Workers(1, ScratchSize.NONE)) {
      new Addition().backward(values(kernels, workers, Guarded.empty(SHAPE, 0)), gradients).run();
    }
    return new float[][] {da.values(), db.values()};
  }

  private static Forward values(Kernels kernels, Workers workers, Guarded y) {
    Guarded a = Guarded.of(SHAPE, 0, new float[] {1, 2, 3});
    Guarded b = Guarded.of(SHAPE, 0, new float[] {10, 20, 30});
    return new Forward(
        kernels,
        workers,
        List.of(a.tensor(), b.tensor()),
        List.of(),
        Operand.NONE,
        Operand.NONE,
        KeySource.NONE,
        y.tensor());
  }
}
