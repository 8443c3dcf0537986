package convoy.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import convoy.dataprep.ImageDecoder;
import convoy.engine.data.ImageFilter;
import convoy.engine.layer.FilterKernel;
import convoy.engine.settings.NearestName;
import convoy.engine.tensor.Shape;
import convoy.storage.Storage;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Applies a classic filter to an image file. */
@Command(
    name = "filter",
    description = {
      "Apply a classic filter to an image, by the engine's convolution.",
      "Each channel is filtered by itself; values are rounded (halves to even) and limited to 0 to"
          + " 255, so that what is negative becomes black. At the border the image is mirrored, its"
          + " outermost pixels not repeated."
    })
public final class FilterJob implements Job {
  private static final String GAUSSIAN = "gaussian";
  private static final int SOBEL_SIZE = FilterKernel.Sobel.X.size();

  @Option(
      names = "--kernel",
      required = true,
      paramLabel = "NAME",
      description =
          "sobel-x, sobel-y (derivatives along a row, along a column), sobel (the root of the sum of"
              + " their squares) or gaussian.")
  private String kernel;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "IMAGE",
      description = "A JPEG or PNG image.")
  private String in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "IMAGE.png",
      description = "The PNG file to write, grey if the image is, otherwise RGB.")
  private String out;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Rows and columns of the kernel, odd; default: 5. Sobel's are 3.")
  private Optional<Integer> size = Optional.empty();

  @Option(
      names = "--sigma",
      paramLabel = "S",
      description =
          "Standard deviation of gaussian, in pixels; default, and for 0: by the size as OpenCV's"
              + " getGaussianKernel, whole numbers up to 9, above 0.3 ((N - 1) / 2 - 1) + 0.8.")
  private Optional<Double> sigma = Optional.empty();

  @Option(names = "--grey", description = "Make a colour image grey first (ITU-R BT.601).")
  private boolean grey;

  /** The keys of {@code --json}; there is a {@code sigma} only where {@code --sigma} is given. */
  record Result(
      String kernel,
      int size,
      @JsonInclude(JsonInclude.Include.NON_NULL) Double sigma,
      String out,
      int height,
      int width,
      int channels) {}

  @Override
  public Result run() throws Exception {
    ImageFilter filter = new ImageFilter(kernels(), grey);
    Storage storage = JobStorage.open();
    Path file = PngFile.checked(storage, "--out", out);
    ImageDecoder.Decoded image = new ImageDecoder().read(storage, storage.path(in));
    int height = image.size().height(), width = image.size().width();
    byte[] pixels = image.grey() ? firstChannel(image) : image.pixels();
    Shape shape = new Shape(1, height, width, image.grey() ? 1 : image.size().channels());
    int channels = filter.channels(shape.c());
    PngFile.write(storage, file, width, channels, filter.apply(shape, pixels));
    System.out.println(out + ": " + height + "x" + width + "x" + channels + ", " + kernel);
    return new Result(
        kernel, filter.kernels().get(0).size(), sigma.orElse(null), out, height, width, channels);
  }

  /** All channels of a grey image are alike. */
  private static byte[] firstChannel(ImageDecoder.Decoded image) {
    byte[] grey = new byte[image.size().height() * image.size().width()];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = image.pixels()[i * image.size().channels()];
    }
    return grey;
  }

  private List<FilterKernel> kernels() {
    List<String> known = List.of("sobel-x", "sobel-y", "sobel", GAUSSIAN);
    if (!known.contains(kernel)) {
      throw new IllegalArgumentException(NearestName.message("kernel", kernel, known));
    }
    if (kernel.equals(GAUSSIAN)) {
      return List.of(gaussian());
    }
    if (size.orElse(SOBEL_SIZE) != SOBEL_SIZE) {
      throw new IllegalArgumentException(
          "--size: got " + size.get() + ", Sobel's kernels have size " + SOBEL_SIZE);
    }
    if (sigma.isPresent()) {
      throw new IllegalArgumentException("--sigma is of gaussian alone, not of " + kernel);
    }
    return switch (kernel) {
      case "sobel-x" -> List.of(FilterKernel.Sobel.X);
      case "sobel-y" -> List.of(FilterKernel.Sobel.Y);
      default -> List.of(FilterKernel.Sobel.X, FilterKernel.Sobel.Y);
    };
  }

  private FilterKernel gaussian() {
    double deviation = sigma.orElse(0.0);
    if (deviation < 0) {
      throw new IllegalArgumentException(
          "--sigma: got " + deviation + ", wanted a number of pixels, 0 or more");
    }
    return new FilterKernel.Gaussian(size.orElse(5), deviation);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new FilterJob(), arguments);
  }
}
