package convoy.cluster;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels of this process, driver or executor. The first to ask has a warning logged where they
 * are not the fast ones; no other does, however many tasks there are.
 */
public final class ProcessKernels {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessKernels.class);
  private static final Kernels KERNELS = choose();

  private ProcessKernels() {}

  /** What {@link Kernels#best} chose. */
  public static Kernels get() {
    return KERNELS;
  }

  private static Kernels choose() {
    Kernels.Choice best = Kernels.best();
    if (best.kernels().name().equals(ScalarKernels.NAME)) {
      LOG.warn(best.reason());
    }
    return best.kernels();
  }
}
