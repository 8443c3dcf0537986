package convoy.engine.data;

import convoy.engine.layer.FilterKernel;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import convoy.engine.settings.NearestName;
import convoy.engine.tensor.Shape;
import java.io.Serializable;
import java.util.List;

/**
 * A way of looking at images, under which a model is evaluated: as they are, or changed as images
 * may be in use. A pure function of the image and its id.
 */
public sealed interface ImageView extends Serializable {

  /** What {@link #of} makes this view of: a name, and a number where the view has one. */
  String name();

  /**
   * Writes the view of one image.
   *
   * @param image its shape
   * @param pixels height, width, channels, uint8
   * @param id its number in its split, which random numbers depend on
   * @param view overwritten, of the same size; not {@code pixels}
   */
  void write(Shape image, byte[] pixels, long id, byte[] view);

  /** The images as they are. */
  record Clean() implements ImageView {
    @Override
    public String name() {
      return "clean";
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      System.arraycopy(pixels, 0, view, 0, view.length);
    }
  }

  /** Left and right exchanged. */
  record Flip() implements ImageView {
    @Override
    public String name() {
      return "flip";
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      int c = image.c(), row = image.w() * c;
      for (int at = 0; at < view.length; at += c) {
        int mirrored = at / row * row + row - c - at % row;
        System.arraycopy(pixels, mirrored, view, at, c);
      }
    }
  }

  /**
   * All three channels become the luma of ITU-R recommendation BT.601: 0.299 red + 0.587 green +
   * 0.114 blue, rounded. An image of one channel stays as it is.
   */
  record Grey() implements ImageView {
    @Override
    public String name() {
      return "grey";
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      if (image.c() != 3) {
        System.arraycopy(pixels, 0, view, 0, view.length);
        return;
      }
      for (int at = 0; at < view.length; at += 3) {
        int luma =
            299 * (pixels[at] & 0xFF)
                + 587 * (pixels[at + 1] & 0xFF)
                + 114 * (pixels[at + 2] & 0xFF);
        byte grey = (byte) ((luma + 500) / 1000);
        view[at] = grey;
        view[at + 1] = grey;
        view[at + 2] = grey;
      }
    }
  }

  /**
   * Every value times a factor, rounded and limited to 0 to 255.
   *
   * @param factor above 0: below 1 darker, above 1 brighter
   */
  record Brightness(double factor) implements ImageView {
    public Brightness {
      positive("brightness", factor);
    }

    @Override
    public String name() {
      return "brightness:" + factor;
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      for (int i = 0; i < view.length; i++) {
        view[i] = rounded((pixels[i] & 0xFF) * factor);
      }
    }
  }

  /**
   * Moved to the right and downwards; what comes into sight repeats the border.
   *
   * @param pixels how far, 1 or more
   */
  record Shift(int pixels) implements ImageView {
    public Shift {
      positive("shift", pixels);
    }

    @Override
    public String name() {
      return "shift:" + pixels;
    }

    @Override
    public void write(Shape image, byte[] from, long id, byte[] view) {
      int c = image.c();
      for (int h = 0, at = 0; h < image.h(); h++) {
        int row = Math.max(0, h - pixels) * image.w();
        for (int w = 0; w < image.w(); w++, at += c) {
          System.arraycopy(from, (row + Math.max(0, w - pixels)) * c, view, at, c);
        }
      }
    }
  }

  /**
   * Normal noise on every value, independent of each other, rounded and limited to 0 to 255.
   *
   * @param deviation its standard deviation as a share of the full range of 255, above 0
   */
  record GaussianNoise(double deviation) implements ImageView {
    public GaussianNoise {
      positive("gaussian-noise", deviation);
    }

    @Override
    public String name() {
      return "gaussian-noise:" + deviation;
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      RandomKey key = RandomKey.of(0, Purpose.VIEW_NOISE).with(id);
      for (int i = 0; i < view.length; i++) {
        view[i] = rounded((pixels[i] & 0xFF) + 255 * deviation * key.normal(i));
      }
    }
  }

  /**
   * Blurred by a Gaussian filter of the engine, whose size is OpenCV's for 8-bit images: 6 sigma +
   * 1, rounded, made odd. The border is mirrored.
   *
   * @param sigma the standard deviation in pixels, above 0
   */
  record GaussianBlur(double sigma) implements ImageView {
    public GaussianBlur {
      positive("gaussian-blur", sigma);
      filter(sigma); // checks the size
    }

    @Override
    public String name() {
      return "gaussian-blur:" + sigma;
    }

    @Override
    public void write(Shape image, byte[] pixels, long id, byte[] view) {
      byte[] blurred = filter(sigma).apply(image, pixels);
      System.arraycopy(blurred, 0, view, 0, view.length);
    }

    private static ImageFilter filter(double sigma) {
      int size = (int) Math.rint(6 * sigma + 1) | 1;
      return new ImageFilter(List.of(new FilterKernel.Gaussian(size, sigma)), false);
    }
  }

  /**
   * The view of a name, with its number behind a colon where it has one: "clean", "flip", "grey",
   * "brightness:0.8", "shift:2", "gaussian-blur:1.5", "gaussian-noise:0.1".
   *
   * @throws IllegalArgumentException if there is no such view, or its number is missing or wrong
   */
  static ImageView of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String number = colon < 0 ? "" : text.substring(colon + 1);
    switch (name) {
      case "clean":
      case "flip":
      case "grey":
        if (colon >= 0) {
          throw new IllegalArgumentException("view '" + text + "': " + name + " has no number");
        }
        return name.equals("clean") ? new Clean() : name.equals("flip") ? new Flip() : new Grey();
      case "brightness":
        return new Brightness(number(text, number));
      case "gaussian-blur":
        return new GaussianBlur(number(text, number));
      case "gaussian-noise":
        return new GaussianNoise(number(text, number));
      case "shift":
        double pixels = number(text, number);
        if (pixels != Math.rint(pixels) || pixels > 1 << 16) {
          throw new IllegalArgumentException(
              "view '" + text + "': wanted whole pixels, as shift:2");
        }
        return new Shift((int) pixels);
      default:
        List<String> names =
            List.of(
                "clean", "flip", "grey", "brightness", "shift", "gaussian-blur", "gaussian-noise");
        throw new IllegalArgumentException(NearestName.message("view", name, names));
    }
  }

  private static double number(String text, String number) {
    try {
      return Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "view '" + text + "': wanted a number behind the colon, as brightness:0.8", e);
    }
  }

  private static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted a number above 0");
    }
  }

  private static byte rounded(double value) {
    return (byte) Math.max(0, Math.min(255, Math.rint(value)));
  }
}
