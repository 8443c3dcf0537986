package convoy.engine.checkpoint;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training at the end of a round: all that is needed to go on, or to use the network.
 *
 * <p>In a folder it is five files: {@code network.yaml}, {@code weights.safetensors} (a tensor for
 * each parameter), {@code optimizer.safetensors} (a tensor "slot/parameter" for each slot and
 * trainable parameter), {@code state.json}, and {@link Manifest}, written last. A folder is written
 * once and never changed.
 *
 * @param model the network and its weights
 * @param optimizerState of the optimizer in the state's configuration
 * @param state where the training stands
 */
public record Checkpoint(Model model, OptimizerState optimizerState, RunState state) {
  private static final String NETWORK = "network.yaml";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  public Checkpoint {
    List<String> slots = state.config().optimizer().slotNames();
    int size = model.parameters().layout().trainableSize();
    if (optimizerState.slots().length != slots.size()) {
      throw new IllegalArgumentException(
          "got " + optimizerState.slots().length + " optimizer slots, wanted " + slots);
    }
    for (float[] slot : optimizerState.slots()) {
      if (slot.length != size) {
        throw new IllegalArgumentException(
            "an optimizer slot has " + slot.length + " values, wanted " + size);
      }
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
    List<Manifest.Entry> files = new ArrayList<>();
    byte[] network = model.network().toYaml().getBytes(StandardCharsets.UTF_8);
    files.add(Manifest.store(folder, NETWORK, out -> out.write(network)));
    files.add(
        Manifest.store(
            folder,
            WEIGHTS,
            out -> Safetensors.write(out, metadata(), weights(model.parameters()))));
    files.add(
        Manifest.store(
            folder,
            OPTIMIZER,
            out ->
                Safetensors.write(
                    out, metadata(), slots(model.parameters().layout(), optimizerState, state))));
    byte[] json = SmallFile.bytes(RunStateJson.write(state));
    files.add(Manifest.store(folder, RunState.NAME, out -> out.write(json)));
    new Manifest(files).write(folder);
  }

  /**
   * Reads a whole checkpoint, after each file was checked against the manifest.
   *
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   * @throws IOException if a file can't be read, or is of another format version
   */
  public static Checkpoint read(CheckpointFolder folder) throws IOException {
    Manifest.read(folder).verify(folder, List.of(RunState.NAME, NETWORK, WEIGHTS, OPTIMIZER));
    RunState state = RunStateJson.read(folder);
    Model model = verifiedModel(folder);
    String digest = WeightsDigest.of(model.parameters());
    if (!digest.equals(state.weightsDigest())) {
      throw new DamagedCheckpointException(
          folder.pathOf(RunState.NAME),
          "weightsDigest is " + state.weightsDigest() + ", that of " + WEIGHTS + " " + digest);
    }
    ParameterLayout layout = model.parameters().layout();
    String file = folder.pathOf(OPTIMIZER);
    try (InputStream in = folder.open(OPTIMIZER)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, in, folder.sizeBytes(OPTIMIZER));
      header.requireExactly(file, slotShapes(layout, state));
      OptimizerState optimizer = state.config().optimizer().newState(layout.trainableSize());
      Safetensors.readData(file, in, header, slots(layout, optimizer, state));
      return new Checkpoint(model, optimizer, state);
    }
  }

  /**
   * Reads the network and its weights alone, after these were checked against the manifest.
   *
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   * @throws IOException if a file can't be read
   */
  public static Model readModel(CheckpointFolder folder) throws IOException {
    Manifest.read(folder).verify(folder, List.of(NETWORK, WEIGHTS));
    return verifiedModel(folder);
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

  private static Model verifiedModel(CheckpointFolder folder) throws IOException {
    NetworkSpec network;
    ParameterLayout layout;
    try {
      network = NetworkSpec.fromYaml(folder.pathOf(NETWORK), SmallFile.text(folder, NETWORK));
      layout = network.layout();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw SmallFile.damaged(folder.pathOf(NETWORK), e);
    }
    String file = folder.pathOf(WEIGHTS);
    try (InputStream in = folder.open(WEIGHTS)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, in, folder.sizeBytes(WEIGHTS));
      header.requireExactly(file, layout.entries().stream().map(Checkpoint::shape).toList());
      Parameters parameters = new Parameters(layout, new float[layout.size()]);
      Safetensors.readData(file, in, header, weights(parameters));
      return new Model(network, parameters);
    }
  }

  /** What a reader of another program needs to know of the tensors. */
  private static Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("producer", "convoy");
    metadata.put("format.version", "1");
    metadata.put("layout.convolution", "height,width,in,out");
    metadata.put("layout.dense", "in,out; an image is flattened as height,width,channels");
    metadata.put("layout.images", "NHWC, RGB, pixels 0 to 255 as floats; network.yaml scales them");
    return metadata;
  }

  private static List<NamedTensor> weights(Parameters parameters) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      tensors.add(new NamedTensor(shape(entry), parameters.values(), entry.offset()));
    }
    return tensors;
  }

  private static List<NamedTensor> slots(
      ParameterLayout layout, OptimizerState optimizer, RunState state) {
    List<NamedTensor> tensors = new ArrayList<>();
    List<String> names = state.config().optimizer().slotNames();
    for (int slot = 0; slot < names.size(); slot++) {
      for (ParameterLayout.Entry entry : trainable(layout)) {
        NamedShape shape = slotShape(names.get(slot), entry);
        tensors.add(new NamedTensor(shape, optimizer.slots()[slot], entry.offset()));
      }
    }
    return tensors;
  }

  private static List<NamedShape> slotShapes(ParameterLayout layout, RunState state) {
    List<NamedShape> shapes = new ArrayList<>();
    for (String slot : state.config().optimizer().slotNames()) {
      for (ParameterLayout.Entry entry : trainable(layout)) {
        shapes.add(slotShape(slot, entry));
      }
    }
    return shapes;
  }

  private static List<ParameterLayout.Entry> trainable(ParameterLayout layout) {
    return layout.entries().stream()
        .filter(entry -> entry.kind() == ParameterLayout.Kind.TRAINABLE)
        .toList();
  }

  private static NamedShape slotShape(String slot, ParameterLayout.Entry entry) {
    return new NamedShape(slot + "/" + entry.name(), entry.spec().dimensions());
  }

  private static NamedShape shape(ParameterLayout.Entry entry) {
    return new NamedShape(entry.name(), entry.spec().dimensions());
  }
}
