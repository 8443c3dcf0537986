package convoy.job;

import convoy.cluster.ProcessKernels;
import convoy.engine.checkpoint.Model;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.GlobalAveragePooling;
import convoy.engine.layer.Windowed;
import convoy.engine.network.LayerOutputs;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws what a network makes of an image. */
@Command(
    name = "inspect",
    description = {
      "Draw what a trained network makes of an image: the filters of its first convolution, and the"
          + " maps that each convolution and pooling puts out, as PNG files named after the layers.",
      "Each filter and each map is drawn from black at its own smallest value to white at its own"
          + " largest."
    })
public final class InspectJob implements Job {
  private static final int COLOURS = 3;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "A run of 'train' (its best checkpoint, or its latest), or a checkpoint.")
  private String model;

  @Option(
      names = "--image",
      required = true,
      paramLabel = "FILE",
      description = "A JPEG or PNG image, read as 'prepare' reads it.")
  private String image;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder for the drawings, made where it is missing.")
  private String out;

  @Option(
      names = "--resize",
      description =
          "Scale an image of another size to the network's, whatever that does to its proportions.")
  private boolean resize;

  /** The keys of {@code --json}. */
  record Result(String network, String image, List<Drawing> drawings) {}

  /** The keys of one file; sizes and values are those of the maps, not of the drawing. */
  record Drawing(String file, int maps, int height, int width, float smallest, float largest) {
    static Drawing of(String file, MapGrid grid) {
      return new Drawing(
          file, grid.maps().size(), grid.height(), grid.width(), grid.smallest(), grid.largest());
    }
  }

  @Override
  public Result run() throws Exception {
    Storage storage = JobStorage.open();
    Path folder = storage.path(out);
    storage.checkFolder(folder);
    Model loaded = RunFolder.model(storage, model);
    Map<String, MapGrid> grids =
        grids(loaded, InputImage.read(storage, image, loaded.network(), resize));
    TextTable table = new TextTable(1);
    table.add("file", "maps", "size", "smallest", "largest");
    List<Drawing> drawings = new ArrayList<>();
    for (Map.Entry<String, MapGrid> entry : grids.entrySet()) {
      MapGrid grid = entry.getValue();
      Drawing drawing = Drawing.of(entry.getKey() + ".png", grid);
      PngFile.write(
          storage, new Path(folder, drawing.file()), grid.imageWidth(), COLOURS, grid.pixels());
      drawings.add(drawing);
      table.add(
          drawing.file(),
          Integer.toString(drawing.maps()),
          drawing.height() + "x" + drawing.width(),
          String.format(Locale.ROOT, "%.4g", drawing.smallest()),
          String.format(Locale.ROOT, "%.4g", drawing.largest()));
    }
    table.lines().forEach(System.out::println);
    return new Result(loaded.network().name(), image, drawings);
  }

  /** What is to be drawn, by the names of the files. */
  private static Map<String, MapGrid> grids(Model model, byte[] pixels) {
    Map<String, MapGrid> grids = new LinkedHashMap<>();
    boolean first = true;
    for (LayerOutputs.Output output :
        LayerOutputs.of(model.network(), model.parameters(), ProcessKernels.get(), pixels)) {
      if (first && output.operation() instanceof Convolution) {
        grids.put(output.layer() + "-filters", filters(model.parameters(), output.layer()));
        first = false;
      }
      if (output.operation() instanceof Windowed
          || output.operation() instanceof GlobalAveragePooling) {
        grids.put(output.layer(), maps(output.values()));
      }
    }
    if (grids.isEmpty()) {
      throw new IllegalArgumentException(
          "network " + model.network().name() + " has no convolution and no pooling to draw");
    }
    grids.forEach(
        (name, grid) -> {
          if (!grid.isFinite()) {
            throw new IllegalArgumentException(
                name + " has values that are NaN or infinite; has the training diverged?");
          }
        });
    return grids;
  }

  private static MapGrid maps(Tensor values) {
    Shape shape = values.shape();
    List<float[]> maps = new ArrayList<>();
    for (int c = 0; c < shape.c(); c++) {
      float[] map = new float[shape.pixels()];
      for (int i = 0; i < map.length; i++) {
        map[i] = values.array()[values.offset() + i * values.pixelStride() + c];
      }
      maps.add(map);
    }
    return MapGrid.square(shape.h(), shape.w(), 1, maps);
  }

  /** A filter over RGB is drawn in colour; any other as a row of maps, one for each channel. */
  private static MapGrid filters(Parameters parameters, String layer) {
    ParameterLayout.Entry entry = parameters.layout().entry(layer + "/weights");
    List<Integer> sizes = entry.spec().dimensions();
    int r = sizes.get(0), s = sizes.get(1), c = sizes.get(2), k = sizes.get(3);
    int together = c == COLOURS ? COLOURS : 1;
    List<float[]> maps = new ArrayList<>();
    for (int filter = 0; filter < k; filter++) {
      for (int channel = 0; channel < c; channel += together) {
        float[] map = new float[r * s * together];
        for (int i = 0; i < map.length; i++) {
          int tap = i / together * c + channel + i % together;
          map[i] = parameters.values()[entry.offset() + tap * k + filter];
        }
        maps.add(map);
      }
    }
    return c == together
        ? MapGrid.square(r, s, together, maps)
        : new MapGrid(r, s, together, c, maps);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new InspectJob(), arguments);
  }
}
