package convoy.cluster;

import convoy.engine.kernel.Kernels;
import java.io.Serializable;

/**
 * What decides the bits of a result beside data and settings.
 *
 * @param version of the engine's arithmetic
 * @param kernels name of the kernels' family
 */
public record Numerics(int version, String kernels) implements Serializable {
  /** The numerics of this JVM. */
  public static Numerics here() {
    return new Numerics(Kernels.NUMERICS_VERSION, ProcessKernels.get().name());
  }

  /**
   * Checks, in a task, that its executor computes as the driver does.
   *
   * @throws IllegalArgumentException if not
   */
  public static void checkHere(Numerics drivers) {
    here().checkEqual(drivers, ThisExecutor.name());
  }

  /**
   * Checks that an executor, whose arithmetic this is, computes as the driver does.
   *
   * @throws IllegalArgumentException if not
   */
  public void checkEqual(Numerics drivers, String executor) {
    if (!equals(drivers)) {
      throw new IllegalArgumentException(
          "executor "
              + executor
              + " computes with "
              + this
              + ", the driver with "
              + drivers
              + ": start all with the same Convoy and --add-modules=jdk.incubator.vector");
    }
  }

  @Override
  public String toString() {
    return kernels + " kernels, numerics version " + version;
  }
}
