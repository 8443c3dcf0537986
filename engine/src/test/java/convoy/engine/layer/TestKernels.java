package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import java.util.List;

/** The kernels that tests run with: the reference, and the fastest of this JVM if it is another. */
public final class TestKernels {
  private TestKernels() {}

  /** All of them. */
  public static List<Kernels> all() {
    Kernels scalar = new ScalarKernels();
    Kernels best = Kernels.best().kernels();
    return best.name().equals(scalar.name()) ? List.of(scalar) : List.of(scalar, best);
  }
}
