package convoy.engine.checkpoint;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.Averaging;
import convoy.engine.training.AveragingState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A training at the end of a round: all that is needed to go on, or to use the network.
 *
 * <p>In a folder it is {@code network.yaml}, {@code weights.safetensors} (a tensor for each
 * parameter), {@code optimizer.safetensors} (a tensor "slot/parameter" for each slot and trainable
 * parameter), where the settings want them {@code outerMomentum.safetensors} (a tensor for each
 * trainable parameter) and {@code movingAverage.safetensors} (a tensor for each parameter), {@code
 * state.json}, and {@link Manifest}, written last. A folder is written once and never changed.
 *
 * @param model the network and the weights that training goes on from
 * @param optimizerState what is carried of it: all slots of the configuration's optimizer, or none
 * @param averagingState what else is carried from round to round
 * @param state where the training stands
 */
public record Checkpoint(
    Model model, OptimizerState optimizerState, AveragingState averagingState, RunState state) {
  private static final String NETWORK = "network.yaml";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String OUTER_MOMENTUM = "outerMomentum.safetensors";
  private static final String MOVING_AVERAGE = "movingAverage.safetensors";

  public Checkpoint {
    List<String> slots = state.config().carriedSlots();
    ParameterLayout layout = model.parameters().layout();
    if (optimizerState.slots().length != slots.size()) {
      throw new IllegalArgumentException(
          "got " + optimizerState.slots().length + " optimizer slots, wanted " + slots);
    }
    for (float[] slot : optimizerState.slots()) {
      checkSize("an optimizer slot", slot, layout.trainableSize());
    }
    Averaging averaging = state.config().averaging();
    checkSize(
        "the outer momentum", averagingState.outerMomentum(), averaging.outerMomentumSize(layout));
    checkSize(
        "the moving average", averagingState.movingAverage(), averaging.movingAverageSize(layout));
  }

  private static void checkSize(String what, float[] values, int wanted) {
    if (values.length != wanted) {
      throw new IllegalArgumentException(
          what + " has " + values.length + " values, wanted " + wanted);
    }
  }

  /**
   * Writes all files into a folder that has none of them; it is a checkpoint once this returns.
   *
   * @throws IllegalStateException if the state's digest is not that of the weights
   * @throws IOException if a file exists already or can't be written
   */
  public void write(CheckpointFolder folder) throws IOException {
    if (!state.weightsDigest().equals(WeightsDigest.of(model.parameters()))) {
      throw new IllegalStateException("weightsDigest is not that of the checkpoint's weights");
    }
    ParameterLayout layout = model.parameters().layout();
    List<Manifest.Entry> files = new ArrayList<>();
    storeModel(folder, model, files);
    files.add(optimizerFile(state, layout).write(folder, optimizerState.slots()));
    if (averagingState.outerMomentum().length > 0) {
      files.add(
          ParameterFile.ofTrainable(OUTER_MOMENTUM, layout)
              .write(folder, averagingState.outerMomentum()));
    }
    if (averagingState.movingAverage().length > 0) {
      files.add(
          ParameterFile.ofAll(MOVING_AVERAGE, layout)
              .write(folder, averagingState.movingAverage()));
    }
    byte[] json = SmallFile.bytes(RunStateJson.write(state));
    files.add(Manifest.store(folder, RunState.NAME, out -> out.write(json)));
    new Manifest(files).write(folder);
  }

  private static void storeModel(CheckpointFolder folder, Model model, List<Manifest.Entry> files)
      throws IOException {
    byte[] network = model.network().toYaml().getBytes(StandardCharsets.UTF_8);
    files.add(Manifest.store(folder, NETWORK, out -> out.write(network)));
    ParameterFile weights = ParameterFile.ofAll(WEIGHTS, model.parameters().layout());
    files.add(weights.write(folder, model.parameters().values()));
  }

  private static ParameterFile optimizerFile(RunState state, ParameterLayout layout) {
    return ParameterFile.ofSlots(OPTIMIZER, state.config().carriedSlots(), layout);
  }

  /**
   * Writes a model alone, beside it small files of the caller's, into a folder that has none of
   * them; {@link #readModel} reads it once this returns.
   *
   * @param cards the content of each of these files by its name, a plain file name
   * @throws IOException if a file exists already or can't be written
   */
  public static void writeModel(CheckpointFolder folder, Model model, Map<String, byte[]> cards)
      throws IOException {
    List<Manifest.Entry> files = new ArrayList<>();
    storeModel(folder, model, files);
    for (Map.Entry<String, byte[]> card : cards.entrySet()) {
      files.add(Manifest.store(folder, card.getKey(), out -> out.write(card.getValue())));
    }
    new Manifest(files).write(folder);
  }

  /**
   * Reads a whole checkpoint, after each file was checked against the manifest.
   *
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   * @throws IOException if a file can't be read, or is of another format version
   */
  public static Checkpoint read(CheckpointFolder folder) throws IOException {
    RunState state = readState(folder);
    boolean momentum = state.config().averaging().outer().hasMomentum();
    boolean average = state.config().averaging().movingAverage().isOn();
    List<String> files = new ArrayList<>(List.of(NETWORK, WEIGHTS, OPTIMIZER));
    if (momentum) {
      files.add(OUTER_MOMENTUM);
    }
    if (average) {
      files.add(MOVING_AVERAGE);
    }
    Manifest.read(folder).verify(folder, files);
    Model model = verifiedModel(folder, WEIGHTS);
    String digest = WeightsDigest.of(model.parameters());
    if (!digest.equals(state.weightsDigest())) {
      throw new DamagedCheckpointException(
          folder.pathOf(RunState.NAME),
          "weightsDigest is " + state.weightsDigest() + ", that of " + WEIGHTS + " " + digest);
    }
    ParameterLayout layout = model.parameters().layout();
    float[][] slots = optimizerFile(state, layout).read(folder);
    AveragingState averaging =
        new AveragingState(
            momentum
                ? ParameterFile.ofTrainable(OUTER_MOMENTUM, layout).read(folder)[0]
                : new float[0],
            average ? ParameterFile.ofAll(MOVING_AVERAGE, layout).read(folder)[0] : new float[0]);
    return new Checkpoint(model, new OptimizerState(slots, 0), averaging, state);
  }

  /**
   * Reads the network and the weights by which it is to be used, after these were checked against
   * the manifest: the moving average where there is one.
   *
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   * @throws IOException if a file can't be read
   */
  public static Model readModel(CheckpointFolder folder) throws IOException {
    Manifest manifest = Manifest.read(folder);
    String weights = manifest.names(MOVING_AVERAGE) ? MOVING_AVERAGE : WEIGHTS;
    manifest.verify(folder, List.of(NETWORK, weights));
    return verifiedModel(folder, weights);
  }

  /**
   * Reads where the training stands, after this file alone was checked against the manifest.
   *
   * @throws DamagedCheckpointException if it is missing, truncated or altered
   * @throws IOException if it can't be read, or is of another format version
   */
  public static RunState readState(CheckpointFolder folder) throws IOException {
    Manifest.read(folder).verify(folder, List.of(RunState.NAME));
    return RunStateJson.read(folder);
  }

  private static Model verifiedModel(CheckpointFolder folder, String weights) throws IOException {
    NetworkSpec network;
    ParameterLayout layout;
    try {
      network = NetworkSpec.fromYaml(folder.pathOf(NETWORK), SmallFile.text(folder, NETWORK));
      layout = network.layout();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw SmallFile.damaged(folder.pathOf(NETWORK), e);
    }
    float[] values = ParameterFile.ofAll(weights, layout).read(folder)[0];
    return new Model(network, new Parameters(layout, values));
  }
}
