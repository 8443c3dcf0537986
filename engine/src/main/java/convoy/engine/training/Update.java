package convoy.engine.training;

import convoy.engine.kernel.Pass;
import convoy.engine.network.Network;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.tensor.Finite;

/**
 * The end of a training step: the gradient that the backward pass has left changes a network's
 * parameters, on the network's workers. Each value changes by itself, so the bits do not depend on
 * how many workers there are.
 */
public final class Update {
  /** Values of a part; with the gradient and two slots 256 KB, which fit a second-level cache. */
  private static final int PART = 1 << 14;

  private final Network network;
  private final Descent descent;
  private final OptimizerState state;
  private final int[] weights;
  private final int size;
  private final Pass parts;
  private float factor;

  /** Written by any worker, to false alone. */
  private volatile boolean finite;

  /** Of {@code network}'s parameters, and of {@code state}, by {@code descent}. */
  public Update(Network network, Descent descent, OptimizerState state) {
    this.network = network;
    this.descent = descent;
    this.state = state;
    weights = network.plan().layout().weights();
    size = network.plan().layout().trainableSize();
    int count = (size + PART - 1) / PART;
    parts = network.workspace().workers().pass(count, (part, worker) -> change(part * PART));
  }

  /**
   * Takes one step. Allocates nothing.
   *
   * @return whether all parameters and all of the state are finite now
   */
  public boolean run(Descent.Rates rates) {
    float[] parameters = network.parameters().values();
    descent.prepare(parameters, network.gradient(), weights, size, rates);
    factor = rates.factor();
    finite = true;
    parts.run();
    return finite && Finite.all(parameters, size, parameters.length);
  }

  private void change(int from) {
    int to = Math.min(size, from + PART);
    float[] parameters = network.parameters().values();
    descent.optimizer().step(parameters, network.gradient(), state, from, to, factor);
    // While they are in the cache.
    boolean all = Finite.all(parameters, from, to);
    for (float[] slot : state.slots()) {
      all &= Finite.all(slot, from, to);
    }
    if (!all) {
      finite = false;
    }
  }
}
