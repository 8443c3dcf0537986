package convoy.engine.kernel;

import java.lang.reflect.InvocationTargetException;

/** Finds the fastest kernels of this JVM without linking to the incubator module. */
final class KernelSelection {
  static final Kernels.Choice BEST = choose();

  private static final String MODULE = "jdk.incubator.vector";
  private static final String VECTOR_KERNELS = "convoy.engine.kernel.vector.VectorKernels";

  /** Measured, see docs/performance.md, "Without the Vector API". */
  private static final String SLOWDOWN = "training takes 20 to 27 times as long";

  private KernelSelection() {}

  private static Kernels.Choice choose() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return scalar(
          "the module " + MODULE + " is missing: start java with --add-modules=" + MODULE);
    }
    try {
      Kernels kernels =
          (Kernels) Class.forName(VECTOR_KERNELS).getDeclaredConstructor().newInstance();
      return new Kernels.Choice(kernels, kernels.description());
    } catch (InvocationTargetException e) {
      return scalar("the vector kernels refused this machine: " + e.getCause().getMessage());
    } catch (ReflectiveOperationException | LinkageError e) {
      return scalar("the vector kernels could not be loaded: " + e);
    }
  }

  private static Kernels.Choice scalar(String reason) {
    Kernels kernels = new ScalarKernels();
    return new Kernels.Choice(
        kernels, kernels.description() + "; " + SLOWDOWN + ", since " + reason);
  }
}
