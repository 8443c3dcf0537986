package convoy.engine.data;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import convoy.engine.tensor.Shape;
import java.io.Serializable;

/**
 * How training images are altered, each time they are trained on, in this order; {@link Augmenter}
 * has the equations.
 *
 * @param flip whether half of the images are mirrored, left to right; default false
 * @param crop pixels that the image is padded by on each side, by reflection, before as large an
 *     image is cut out of it at random; 0 (the default) crops nothing, at most its smaller side - 1
 * @param cutout side of a square in pixels, around a random pixel of the image, that gets the
 *     image's mean colour; what lies outside is left out; 0 (the default) for none
 * @param brightness b, from 0 (the default, none) to 1: values times a factor of 1 - b to 1 + b
 * @param contrast likewise: distances from the image's mean grey
 * @param saturation likewise: distances of colours from their grey; wants 3 channels
 */
public record Augmentation(
    boolean flip, int crop, int cutout, double brightness, double contrast, double saturation)
    implements Serializable {
  /** Images as they are. */
  public static final Augmentation NONE = new Augmentation(false, 0, 0, 0, 0, 0);

  private static final int COLOURS = 3;

  public Augmentation {
    notNegative("crop", crop);
    notNegative("cutout", cutout);
    upToOne("brightness", brightness);
    upToOne("contrast", contrast);
    upToOne("saturation", saturation);
  }

  private static void notNegative(String key, int pixels) {
    if (pixels < 0) {
      throw new IllegalArgumentException(key + " is " + pixels + ", wanted pixels, or 0 for none");
    }
  }

  private static void upToOne(String key, double strength) {
    if (!(strength >= 0 && strength <= 1)) {
      throw new IllegalArgumentException(key + " is " + strength + ", wanted 0 to 1");
    }
  }

  /** Reads the settings; what is not set is off. */
  public static Augmentation read(Settings settings) {
    settings.onlyKeys("flip", "crop", "cutout", "brightness", "contrast", "saturation");
    boolean flip = settings.truth("flip", NONE.flip);
    int crop = settings.integer("crop", NONE.crop);
    int cutout = settings.integer("cutout", NONE.cutout);
    double brightness = settings.number("brightness", NONE.brightness);
    double contrast = settings.number("contrast", NONE.contrast);
    double saturation = settings.number("saturation", NONE.saturation);
    return settings.checked(
        () -> new Augmentation(flip, crop, cutout, brightness, contrast, saturation));
  }

  /** Its settings as a tree. */
  public ObjectNode toTree() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("flip", flip)
        .put("crop", crop)
        .put("cutout", cutout)
        .put("brightness", brightness)
        .put("contrast", contrast)
        .put("saturation", saturation);
  }

  /** Whether colours change. */
  boolean jitters() {
    return brightness > 0 || contrast > 0 || saturation > 0;
  }

  /**
   * Checks that images of shape {@code image} can be altered so.
   *
   * @throws IllegalArgumentException if not; says what to change
   */
  public void checkFits(Shape image) {
    int side = Math.min(image.h(), image.w());
    if (crop >= side) {
      throw unfit("crop is " + crop + ", wanted at most " + (side - 1), image);
    }
    if (cutout > side) {
      throw unfit("cutout is " + cutout + ", wanted at most " + side, image);
    }
    if (saturation > 0 && image.c() != COLOURS) {
      throw unfit("saturation is " + saturation + ", wanted 0", image);
    }
  }

  private static IllegalArgumentException unfit(String what, Shape image) {
    return new IllegalArgumentException(
        "augmentation." + what + " for images of " + image.heightWidthChannels());
  }
}
