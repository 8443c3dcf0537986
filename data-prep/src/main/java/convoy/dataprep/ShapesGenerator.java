package convoy.dataprep;

import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import convoy.storage.Storage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

/**
 * Generates a data set of ten classes of coloured shapes, in the layout of CIFAR-10's binary files.
 *
 * <p>Place, size, rotation and both colours of a shape are random, and there is noise, so that no
 * weighted sum of pixels tells the classes apart; a small convolutional network does. Classes are
 * equally frequent, up to one image.
 *
 * @param seed any number; the same seed gives the same bytes
 * @param trainImages images of the training split, at least 10
 * @param testImages images of the test split, 0 or more
 */
public record ShapesGenerator(long seed, int trainImages, int testImages) {
  private static final int TRAIN_FILES = 5;
  private static final int SIDE = CifarLayout.SIZE.height();
  private static final int PLANE_BYTES = SIDE * SIDE;

  /** Each pixel is looked at in so many places a side, for soft edges. */
  private static final int SAMPLES = 3;

  private static final double MIN_RADIUS = 9;
  private static final double MAX_RADIUS = 14;

  /** The least sum of differences between the two colours' channels. */
  private static final int MIN_CONTRAST = 220;

  /** The noise is a sum of two uniform numbers; it reaches so far at most. */
  private static final double NOISE = 30;

  /** What an element of an image's random key is for; each colour may be drawn again. */
  private static final int CENTRE_X = 0;

  private static final int CENTRE_Y = 1;
  private static final int RADIUS = 2;
  private static final int ANGLE = 3;
  private static final int COLOURS = 16;
  private static final int NOISES = 1 << 16;

  /** A class: the points inside its shape, in coordinates where the shape's radius is 1. */
  enum ShapeClass {
    BAR {
      @Override
      boolean contains(double u, double v) {
        return Math.abs(u) < 1 && Math.abs(v) < 0.3;
      }
    },
    CHECKERBOARD {
      @Override
      boolean contains(double u, double v) {
        return Math.max(Math.abs(u), Math.abs(v)) < 0.85 && u * v > 0;
      }
    },
    CIRCLE {
      @Override
      boolean contains(double u, double v) {
        return u * u + v * v < 0.8;
      }
    },
    CRESCENT {
      @Override
      boolean contains(double u, double v) {
        return u * u + v * v < 1 && (u - 0.5) * (u - 0.5) + v * v > 0.6;
      }
    },
    CROSS {
      @Override
      boolean contains(double u, double v) {
        double shorter = Math.min(Math.abs(u), Math.abs(v));
        return shorter < 0.25 && Math.max(Math.abs(u), Math.abs(v)) < 1;
      }
    },
    FRAME {
      @Override
      boolean contains(double u, double v) {
        double distance = Math.max(Math.abs(u), Math.abs(v));
        return distance < 0.85 && distance > 0.5;
      }
    },
    RING {
      @Override
      boolean contains(double u, double v) {
        double square = u * u + v * v;
        return square < 1 && square > 0.4;
      }
    },
    SQUARE {
      @Override
      boolean contains(double u, double v) {
        return Math.max(Math.abs(u), Math.abs(v)) < 0.75;
      }
    },
    STRIPES {
      @Override
      boolean contains(double u, double v) {
        return Math.abs(u) < 0.9 && Math.abs(v) < 1 && (int) ((v + 1) * 2.5) % 2 == 0;
      }
    },
    TRIANGLE {
      @Override
      boolean contains(double u, double v) {
        double side = 0.8660254037844386;
        return v > -0.5 && side * Math.abs(u) + 0.5 * v < 0.5;
      }
    };

    abstract boolean contains(double u, double v);
  }

  public ShapesGenerator {
    if (trainImages < ShapeClass.values().length || testImages < 0) {
      throw new IllegalArgumentException(
          trainImages
              + " training and "
              + testImages
              + " test images, expected at least "
              + ShapeClass.values().length
              + " and 0");
    }
  }

  /** 5000 training and 1000 test images. */
  public static ShapesGenerator defaults(long seed) {
    return new ShapesGenerator(seed, 5000, 1000);
  }

  /** The names of the classes, in the order of labels. */
  public static List<String> classNames() {
    List<String> names = new ArrayList<>();
    for (ShapeClass shape : ShapeClass.values()) {
      names.add(shape.name().toLowerCase(Locale.ROOT));
    }
    return names;
  }

  /**
   * Writes data_batch_1.bin to data_batch_5.bin, test_batch.bin (if there are test images) and
   * batches.meta.txt, replacing files of these names.
   */
  public void write(Storage storage, String folder) throws IOException {
    Path path = storage.path(folder);
    RandomKey key = RandomKey.of(seed, Purpose.GENERATED_DATA);
    RandomKey train = key.with(Split.TRAIN.ordinal());
    int[] places = train.permutation(trainImages);
    for (int b = 0; b < TRAIN_FILES; b++) {
      int first = (int) ((long) trainImages * b / TRAIN_FILES);
      int end = (int) ((long) trainImages * (b + 1) / TRAIN_FILES);
      write(storage, new Path(path, "data_batch_" + (b + 1) + ".bin"), train, places, first, end);
    }
    Path testFile = new Path(path, "test_batch.bin");
    storage.delete(testFile);
    if (testImages > 0) {
      RandomKey test = key.with(Split.TEST.ordinal());
      write(storage, testFile, test, test.permutation(testImages), 0, testImages);
    }
    String names = String.join("\n", classNames()) + "\n";
    storage.writeAtomically(
        new Path(path, CifarLayout.CIFAR_10.classNamesFile()),
        names.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(
      Storage storage, Path file, RandomKey key, int[] places, int first, int end)
      throws IOException {
    ShapeClass[] shapes = ShapeClass.values();
    try (OutputStream stream = storage.create(file)) {
      for (int i = first; i < end; i++) {
        stream.write(record(shapes[places[i] % shapes.length], key.with(i)));
      }
    }
  }

  /** One record: the label, then the red, green and blue planes. */
  static byte[] record(ShapeClass shape, RandomKey key) {
    double radius = MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * key.uniform(RADIUS);
    double centreX = radius + (SIDE - 2 * radius) * key.uniform(CENTRE_X);
    double centreY = radius + (SIDE - 2 * radius) * key.uniform(CENTRE_Y);
    double angle = 2 * Math.PI * key.uniform(ANGLE);
    double cosine = StrictMath.cos(angle) / radius;
    double sine = StrictMath.sin(angle) / radius;
    int[] colours = colours(key.with(COLOURS));
    byte[] record = new byte[CifarLayout.CIFAR_10.recordBytes()];
    record[0] = (byte) shape.ordinal();
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int inside = 0;
        for (int s = 0; s < SAMPLES * SAMPLES; s++) {
          double dx = x + (s % SAMPLES + 0.5) / SAMPLES - centreX;
          double dy = y + (s / SAMPLES + 0.5) / SAMPLES - centreY;
          inside += shape.contains(cosine * dx + sine * dy, cosine * dy - sine * dx) ? 1 : 0;
        }
        double share = (double) inside / (SAMPLES * SAMPLES);
        int pixel = y * SIDE + x;
        for (int c = 0; c < 3; c++) {
          double colour = colours[c] + share * (colours[3 + c] - colours[c]);
          long draw = NOISES + 2L * (pixel * 3 + c);
          double noise = NOISE * (key.uniform(draw) + key.uniform(draw + 1) - 1);
          int value = (int) Math.max(0, Math.min(255, Math.rint(colour + noise)));
          record[1 + c * PLANE_BYTES + pixel] = (byte) value;
        }
      }
    }
    return record;
  }

  /** Red, green and blue of the background, then of the shape, drawn until they differ enough. */
  private static int[] colours(RandomKey key) {
    int[] colours = new int[6];
    int contrast = 0;
    for (long draw = 0; contrast < MIN_CONTRAST; draw += colours.length) {
      contrast = 0;
      for (int i = 0; i < colours.length; i++) {
        colours[i] = key.below(256, draw + i);
      }
      for (int c = 0; c < 3; c++) {
        contrast += Math.abs(colours[c] - colours[3 + c]);
      }
    }
    return colours;
  }
}
