package convoy.job;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.LocalCheckpointFolder;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.training.AveragingState;
import convoy.engine.training.TrainingConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Models and images as files, for the commands that use a model. */
public final class TestModel {
  private TestModel() {}

  /** Writes a checkpoint of an untrained network. */
  public static Path write(Path folder, String yaml, float... weights) throws IOException {
    NetworkSpec network = NetworkSpec.fromYaml("test", yaml);
    Parameters parameters = new Parameters(network.layout(), weights);
    TrainingConfig config = TrainingConfig.DEFAULT;
    RunState state =
        new RunState(
            new RunState.Progress(1, 1, 0, 1, 1),
            new RunState.Provenance("f", Optional.of("o1"), 1, "scalar", "0.1.0"),
            config,
            RunState.EpochSums.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            WeightsDigest.of(parameters));
    Model model = new Model(network, parameters);
    new Checkpoint(
            model,
            config.optimizer().newState(network.layout().trainableSize()),
            AveragingState.NONE,
            state)
        .write(new LocalCheckpointFolder(folder));
    return folder;
  }

  /** Writes an RGB image of the colours {@code rgb}, row by row, as PNG. */
  public static Path png(Path file, int width, int... rgb) throws IOException {
    BufferedImage image = new BufferedImage(width, rgb.length / width, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < rgb.length; i++) {
      image.setRGB(i % width, i / width, rgb[i]);
    }
    ImageIO.write(image, "png", file.toFile());
    return file;
  }
}
