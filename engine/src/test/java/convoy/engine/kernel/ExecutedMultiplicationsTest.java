package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.kernel.vector.VectorKernels;
import org.junit.jupiter.api.Test;

class ExecutedMultiplicationsTest {
  private static final Kernels VECTOR = new VectorKernels();

  private static ConvolutionShape same(int size, int stride, int h, int w, int c, int k) {
    int pad = size / 2;
    Window window = new Window(size, size, stride, stride, pad, pad, pad, pad);
    return new ConvolutionShape(h, w, c, k, window, c, k);
  }

  @Test
  void plainLoopsExecuteWhatAConvolutionCounts() {
    ConvolutionShape shape = same(3, 1, 8, 8, 16, 32);
    assertEquals(8 * 8 * 9 * 16 * 32, shape.multiplications());
    assertEquals(shape.multiplications(), new ScalarKernels().executedMultiplications(shape));
  }

  @Test
  void winogradExecutesAQuarterWhereTilesFit() {
    ConvolutionShape shape = same(3, 1, 8, 8, 16, 32);
    assertEquals(shape.multiplications() / 4, VECTOR.executedMultiplications(shape));
  }

  @Test
  void tilesBeyondTheImageAreExecutedInFull() {
    assertEquals(36 * (2 * 3) * 16 * 32, VECTOR.executedMultiplications(same(3, 1, 5, 9, 16, 32)));
  }

  @Test
  void otherConvolutionsAreExecutedDirectly() {
    for (ConvolutionShape shape :
        new ConvolutionShape[] {
          same(1, 1, 8, 8, 16, 32),
          same(3, 2, 8, 8, 16, 32),
          same(5, 1, 8, 8, 16, 32),
          same(3, 1, 8, 8, 3, 32),
          ConvolutionShape.dense(64, 10)
        }) {
      assertEquals(shape.multiplications(), VECTOR.executedMultiplications(shape), "" + shape);
    }
  }
}
