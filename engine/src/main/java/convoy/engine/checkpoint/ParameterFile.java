package convoy.engine.checkpoint;

import convoy.engine.network.ParameterLayout;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file of a checkpoint: one or more arrays that have a value for each of a network's
 * parameters, or for each that trains; a tensor for each array and parameter.
 *
 * @param name of the file
 * @param prefixes of the tensors' names, one for each array
 * @param parameters what the arrays have values for, from the layout's first on
 */
record ParameterFile(String name, List<String> prefixes, List<ParameterLayout.Entry> parameters) {

  /** One array over all parameters. */
  static ParameterFile ofAll(String name, ParameterLayout layout) {
    return new ParameterFile(name, List.of(""), layout.entries());
  }

  /** One array over the trainable parameters. */
  static ParameterFile ofTrainable(String name, ParameterLayout layout) {
    return new ParameterFile(name, List.of(""), trainable(layout));
  }

  /** An array over the trainable parameters for each slot; tensors are named "slot/parameter". */
  static ParameterFile ofSlots(String name, List<String> slots, ParameterLayout layout) {
    List<String> prefixes = slots.stream().map(slot -> slot + "/").toList();
    return new ParameterFile(name, prefixes, trainable(layout));
  }

  private static List<ParameterLayout.Entry> trainable(ParameterLayout layout) {
    return layout.entries().stream()
        .filter(entry -> entry.kind() == ParameterLayout.Kind.TRAINABLE)
        .toList();
  }

  /** Writes the file, of one array for each prefix. */
  Manifest.Entry write(CheckpointFolder folder, float[]... arrays) throws IOException {
    List<NamedTensor> tensors = tensors(arrays);
    return Manifest.store(folder, name, out -> Safetensors.write(out, metadata(), tensors));
  }

  /**
   * Reads the file, into new arrays once its header says that they are right.
   *
   * @throws DamagedCheckpointException if it holds other tensors
   * @throws IOException if it can't be read
   */
  float[][] read(CheckpointFolder folder) throws IOException {
    String file = folder.pathOf(name);
    try (InputStream in = folder.open(name)) {
      SafetensorsHeader header = SafetensorsHeader.read(file, in, folder.sizeBytes(name));
      header.requireExactly(file, shapes());
      int size = parameters.stream().mapToInt(ParameterLayout.Entry::size).sum();
      float[][] arrays = new float[prefixes.size()][size];
      Safetensors.readData(file, in, header, tensors(arrays));
      return arrays;
    }
  }

  private List<NamedShape> shapes() {
    List<NamedShape> shapes = new ArrayList<>();
    for (String prefix : prefixes) {
      for (ParameterLayout.Entry parameter : parameters) {
        shapes.add(shape(prefix, parameter));
      }
    }
    return shapes;
  }

  private List<NamedTensor> tensors(float[][] arrays) {
    List<NamedTensor> tensors = new ArrayList<>();
    for (int i = 0; i < arrays.length; i++) {
      for (ParameterLayout.Entry parameter : parameters) {
        NamedShape shape = shape(prefixes.get(i), parameter);
        tensors.add(new NamedTensor(shape, arrays[i], parameter.offset()));
      }
    }
    return tensors;
  }

  private static NamedShape shape(String prefix, ParameterLayout.Entry parameter) {
    return new NamedShape(prefix + parameter.name(), parameter.spec().dimensions());
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
}
