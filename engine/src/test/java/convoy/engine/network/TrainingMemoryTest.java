package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.optimizer.Sgd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingMemoryTest {
  private static final int THREADS = 2;

  static List<NetworkSpec> networks() {
    return TestNetworks.all();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void arraysHoldWhatIsCounted(NetworkSpec spec) {
    Plan plan = new Plan(spec, 3, Plan.Mode.TRAINING);
    for (Kernels kernels : List.of(new ScalarKernels(), Kernels.best().kernels())) {
      for (Optimizer optimizer : List.of(Adam.DEFAULT, Sgd.DEFAULT)) {
        TrainingMemory memory = TrainingMemory.of(plan, kernels, THREADS, optimizer.slots());
        Parameters parameters = Parameters.initial(plan.layout(), 0);
        OptimizerState state = optimizer.newState(plan.layout().trainableSize());
        assertEquals(workspaceBytes(plan, kernels), memory.workspaceBytes());
        assertEquals(bytes(List.of(parameters.values())), memory.parameterBytes());
        assertEquals(bytes(List.of(state.slots())), memory.optimizerBytes());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void arraysOfInferenceHoldWhatIsCounted(NetworkSpec spec) {
    Plan plan = new Plan(spec, 3, Plan.Mode.INFERENCE);
    for (Kernels kernels : List.of(new ScalarKernels(), Kernels.best().kernels())) {
      assertEquals(workspaceBytes(plan, kernels), plan.workspaceBytes(kernels, THREADS));
    }
  }

  private static long workspaceBytes(Plan plan, Kernels kernels) {
    try (Workspace workspace = new Workspace(plan, kernels, THREADS)) {
      List<float[]> arrays = new ArrayList<>();
      long doubles = 0;
      for (int i = 0; i < plan.bufferSizes().size(); i++) {
        arrays.add(workspace.buffer(i));
      }
      for (Plan.Step step : plan.steps()) {
        arrays.add(workspace.prepared(step).array());
      }
      for (int worker = 0; worker < workspace.workers().count(); worker++) {
        arrays.add(workspace.workers().scratch(worker));
        for (double[] row : workspace.workers().doubles(worker)) {
          doubles += row.length;
        }
      }
      arrays.add(workspace.workers().shared());
      arrays.add(workspace.gradient());
      return bytes(arrays) + doubles * Double.BYTES;
    }
  }

  private static long bytes(List<float[]> arrays) {
    return arrays.stream().mapToLong(array -> array.length).sum() * Float.BYTES;
  }
}
