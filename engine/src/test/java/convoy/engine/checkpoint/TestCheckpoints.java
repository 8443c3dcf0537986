package convoy.engine.checkpoint;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.AveragingState;
import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checkpoints of a tiny network, and folders that hold them. */
final class TestCheckpoints {
  /** With which each file is written that can be. */
  static final String AVERAGED = "averaging={outer: {momentum: 0.9}, movingAverage: 0.5}";

  static final NetworkSpec NETWORK =
      NetworkSpec.fromYaml(
          "test",
          """
          name: tiny
          input: {height: 4, width: 4, channels: 3}
          classes: [cat, "no", dog]
          layers:
            - scaling: {deviation: 255}
            - convolution: {filters: 2, kernel: 3}
            - relu
            - flatten
            - dense: {units: 3}
          """);

  static Checkpoint checkpoint(String setting) {
    TrainingConfig config = TrainingConfig.DEFAULT.with(setting);
    Parameters parameters = Parameters.initial(NETWORK.layout(), 5);
    OptimizerState optimizer =
        new OptimizerState(
            new float[config.carriedSlots().size()][NETWORK.layout().trainableSize()], 0);
    for (float[] slot : optimizer.slots()) {
      for (int i = 0; i < slot.length; i++) {
        slot[i] = 1f / (i + 3);
      }
    }
    RunState state =
        new RunState(
            new RunState.Progress(7, 2, 50, 1_250, 160_000),
            new RunState.Provenance("ab12", Optional.of("o1"), 1, "scalar", "0.1.0"),
            config,
            new RunState.EpochSums(6_400, 0.1 + 0.2, 5_000),
            Optional.of(
                new RunState.EpochMetrics(
                    1.25, 0.5, Optional.of(new RunState.Validation(0.1 + 0.2, 0.625)))),
            Optional.of(new RunState.Best(6, 0.75)),
            Optional.of(new EarlyStopping.Waiting(EarlyStopping.Metric.ACCURACY, 0.1 + 0.2, 3)),
            WeightsDigest.of(parameters));
    AveragingState averaging = config.averaging().newState(NETWORK.layout());
    for (float[] values : List.of(averaging.outerMomentum(), averaging.movingAverage())) {
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.1f * i;
      }
    }
    return new Checkpoint(new Model(NETWORK, parameters), optimizer, averaging, state);
  }

  static MemoryFolder written(Checkpoint checkpoint) throws IOException {
    MemoryFolder folder = new MemoryFolder();
    checkpoint.write(folder);
    return folder;
  }

  /** Writes the manifest anew, so that the folder's files pass for genuine. */
  static void forgeManifest(MemoryFolder folder) throws IOException {
    folder.files.remove(Manifest.NAME);
    List<Manifest.Entry> entries = new ArrayList<>();
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] bytes = folder.files.remove(name);
      entries.add(Manifest.store(folder, name, out -> out.write(bytes)));
      folder.files.put(name, bytes);
    }
    new Manifest(entries).write(folder);
  }

  private TestCheckpoints() {}
}
