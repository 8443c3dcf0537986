package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Sequence;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Constant;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Sgd;
import convoy.engine.optimizer.WeightDecay;
import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UpdateTest {
  /** Three parts, the last one not full: 40 x 40 x 30 weights and 30 biases. */
  private static final NetworkSpec SPEC =
      new NetworkSpec(
          "wide",
          new Shape(1, 40, 40, 1),
          List.of(),
          false,
          new Sequence(List.of(new Flatten(), new Dense(30, true))));

  private static final int SIZE = 48_030;

  @Test
  void anyNumberOfWorkersGivesTheBitsOfOneLoop() {
    for (Optimizer optimizer : List.of(Adam.DEFAULT, Sgd.DEFAULT, new Sgd(0.1, 0.9, true))) {
      Descent descent =
          new Descent(
              optimizer, Constant.DEFAULT, RunLength.ENDLESS, new WeightDecay(0.01, false), 1);
      float[] wanted = Parameters.initial(SPEC.layout(), 3).values();
      OptimizerState state = optimizer.newState(SIZE);
      for (int t = 1; t <= 3; t++) {
        float[] gradient = gradient(t);
        Descent.Rates rates = descent.rates(t, state);
        descent.prepare(wanted, gradient, SPEC.layout().weights(), SIZE, rates);
        optimizer.step(wanted, gradient, state, 0, SIZE, rates.factor());
      }
      for (int workers = 1; workers <= 4; workers++) {
        try (Workspace workspace = workspace(workers)) {
          Network network = network(workspace);
          OptimizerState own = optimizer.newState(SIZE);
          Update update = new Update(network, descent, own);
          for (int t = 1; t <= 3; t++) {
            System.arraycopy(gradient(t), 0, network.gradient(), 0, SIZE);
            assertTrue(update.run(descent.rates(t, own)));
          }
          assertArrayEquals(wanted, network.parameters().values());
          for (int slot = 0; slot < own.slots().length; slot++) {
            assertArrayEquals(state.slots()[slot], own.slots()[slot]);
          }
        }
      }
    }
  }

  @Test
  void whatIsNotFiniteIsToldWhereverItIs() {
    Descent descent = Descent.of(Adam.DEFAULT);
    try (Workspace workspace = workspace(2)) {
      for (int at : new int[] {0, 16_384, SIZE - 1}) {
        Network network = network(workspace);
        OptimizerState state = Adam.DEFAULT.newState(SIZE);
        Update update = new Update(network, descent, state);
        System.arraycopy(gradient(1), 0, network.gradient(), 0, SIZE);
        assertTrue(update.run(descent.rates(1, state)));
        // Its square is infinite, and so is the second moment, though no parameter is.
        network.gradient()[at] = 1e20f;
        assertFalse(update.run(descent.rates(2, state)), "at " + at);
        assertTrue(network.parameters().areFinite());
        network.gradient()[at] = Float.NaN;
        assertFalse(update.run(descent.rates(3, state)), "at " + at);
        assertFalse(network.parameters().areFinite());
      }
    }
  }

  private static float[] gradient(int step) {
    Random random = new Random(step);
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = (float) random.nextGaussian();
    }
    return gradient;
  }

  private static Workspace workspace(int workers) {
    return new Workspace(new Plan(SPEC, 1, Plan.Mode.TRAINING), new ScalarKernels(), workers);
  }

  private static Network network(Workspace workspace) {
    return new Network(workspace, Parameters.initial(SPEC.layout(), 3));
  }
}
