package convoy.job;

import convoy.cluster.ProcessKernels;
import convoy.engine.checkpoint.Model;
import convoy.engine.evaluation.ClassProbability;
import convoy.engine.evaluation.Predictor;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells the classes of image files. */
@Command(
    name = "predict",
    description = "Tell the most probable classes of images, in this process, without Spark.")
public final class PredictJob implements Job {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "A run of 'train' (its best checkpoint, or its latest), or a checkpoint.")
  private String model;

  @Option(names = "--top", paramLabel = "N", description = "Classes to tell; default: 5.")
  private int top = 5;

  @Option(
      names = "--resize",
      description =
          "Scale images of another size to the network's, whatever that does to their proportions.")
  private boolean resize;

  @Parameters(
      paramLabel = "IMAGE...",
      hideParamSyntax = true,
      arity = "1..*",
      description = "JPEG or PNG images, read as 'prepare' reads them.")
  private List<String> images;

  /** The keys of {@code --json}. */
  record Result(String network, List<Prediction> images) {}

  /** The keys of one image; {@code classes} has the most probable first. */
  record Prediction(String image, List<ClassProbability> classes) {}

  @Override
  public Result run() throws Exception {
    if (top < 1) {
      throw new IllegalArgumentException("--top: got " + top + ", wanted at least 1");
    }
    Storage storage = JobStorage.open();
    Model loaded = RunFolder.model(storage, model);
    List<byte[]> pixels = new ArrayList<>();
    for (String image : images) {
      pixels.add(InputImage.read(storage, image, loaded.network(), resize));
    }
    List<Prediction> predictions = new ArrayList<>();
    try (Predictor predictor =
        new Predictor(loaded.network(), loaded.parameters(), ProcessKernels.get(), 1)) {
      for (int i = 0; i < pixels.size(); i++) {
        List<ClassProbability> classes = predictor.predict(pixels.get(i));
        List<ClassProbability> most = classes.subList(0, Math.min(top, classes.size()));
        predictions.add(new Prediction(images.get(i), List.copyOf(most)));
      }
    }
    for (Prediction prediction : predictions) {
      System.out.println(prediction.image());
      table(prediction.classes()).lines().forEach(line -> System.out.println("  " + line));
    }
    return new Result(loaded.network().name(), predictions);
  }

  private static TextTable table(List<ClassProbability> classes) {
    TextTable table = new TextTable(1);
    for (ClassProbability found : classes) {
      table.add(found.name(), String.format(Locale.ROOT, "%.2f %%", 100 * found.probability()));
    }
    return table;
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new PredictJob(), arguments);
  }
}
