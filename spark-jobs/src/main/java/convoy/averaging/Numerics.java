package convoy.averaging;

import convoy.engine.kernel.Kernels;
import java.io.Serializable;

/**
 * What decides the bits of a result beside data and settings.
 *
 * @param version of the engine's arithmetic
 * @param kernels name of the kernels' family
 */
record Numerics(int version, String kernels) implements Serializable {
  /** The numerics of this JVM. */
  static Numerics here() {
    return new Numerics(Kernels.NUMERICS_VERSION, ProcessKernels.get().name());
  }

  @Override
  public String toString() {
    return kernels + " kernels, numerics version " + version;
  }
}
