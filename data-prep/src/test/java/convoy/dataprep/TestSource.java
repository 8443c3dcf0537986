package convoy.dataprep;

import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small random images, and the forms of source that can hold them. */
final class TestSource {
  static final List<String> CLASSES = List.of("ant", "bee", "cat");
  private static final int PLANE = 1024;

  /** An image of 32x32 pixels (height, width, channel) and its place. */
  record TestImage(Split split, int label, byte[] pixels) {}

  private TestSource() {}

  /** Images of which all differ; classes take turns. */
  static List<TestImage> images(int train, int test) {
    List<TestImage> images = new ArrayList<>();
    for (int i = 0; i < train + test; i++) {
      Split split = i < train ? Split.TRAIN : Split.TEST;
      images.add(new TestImage(split, i % CLASSES.size(), pixels(i, 32 * 32 * 3)));
    }
    return images;
  }

  static byte[] pixels(int number, int count) {
    RandomKey key = RandomKey.of(number, Purpose.GENERATED_DATA);
    byte[] pixels = new byte[count];
    for (int i = 0; i < count; i++) {
      pixels[i] = (byte) key.below(256, i);
    }
    return pixels;
  }

  /** CIFAR-10's files; image i goes to file i mod {@code trainFiles}. */
  static Path writeCifar10(Path folder, List<TestImage> images, int trainFiles) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("batches.meta.txt"), String.join("\n", CLASSES) + "\n\n");
    ByteArrayOutputStream test = new ByteArrayOutputStream();
    List<ByteArrayOutputStream> train = new ArrayList<>();
    for (int f = 0; f < trainFiles; f++) {
      train.add(new ByteArrayOutputStream());
    }
    for (int i = 0; i < images.size(); i++) {
      TestImage image = images.get(i);
      (image.split() == Split.TEST ? test : train.get(i % trainFiles)).writeBytes(record(image));
    }
    for (int f = 0; f < trainFiles; f++) {
      Files.write(folder.resolve("data_batch_" + (f + 1) + ".bin"), train.get(f).toByteArray());
    }
    if (test.size() > 0) {
      Files.write(folder.resolve("test_batch.bin"), test.toByteArray());
    }
    return folder;
  }

  /** A record of CIFAR-10. */
  static byte[] record(TestImage image) {
    byte[] record = new byte[1 + 3 * PLANE];
    record[0] = (byte) image.label();
    for (int i = 0; i < PLANE; i++) {
      for (int c = 0; c < 3; c++) {
        record[1 + c * PLANE + i] = image.pixels()[3 * i + c];
      }
    }
    return record;
  }

  /** Class folders of PNG files, which lose nothing. */
  static Path writeClassFolders(Path folder, List<TestImage> images) throws IOException {
    for (int i = 0; i < images.size(); i++) {
      TestImage image = images.get(i);
      Path file =
          folder
              .resolve(image.split().folderName())
              .resolve(CLASSES.get(image.label()))
              .resolve(i + ".png");
      writeImage(file, "png", image(image.pixels(), 32, 32));
    }
    return folder;
  }

  static BufferedImage image(byte[] pixels, int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < height * width; i++) {
      int rgb =
          (pixels[3 * i] & 0xFF) << 16 | (pixels[3 * i + 1] & 0xFF) << 8 | pixels[3 * i + 2] & 0xFF;
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  static void writeImage(Path file, String format, BufferedImage image) throws IOException {
    Files.createDirectories(file.getParent());
    if (!ImageIO.write(image, format, file.toFile())) {
      throw new IOException("no writer for " + format);
    }
  }

  /** What an entry of an archive is made of. */
  interface EntryWriter {
    void write(TarArchiveOutputStream tar) throws IOException;
  }

  /** A tar.gz of the files in a folder, below {@code prefix}. */
  static Path writeArchive(Path archive, Path folder, String prefix) throws IOException {
    return writeArchive(
        archive,
        tar -> {
          try (var files = Files.list(folder)) {
            files
                .sorted()
                .forEach(
                    file -> {
                      try {
                        addEntry(tar, prefix + file.getFileName(), Files.readAllBytes(file));
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    });
          }
        });
  }

  static Path writeArchive(Path archive, EntryWriter entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(archive);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(file))) {
      entries.write(tar);
    }
    return archive;
  }

  static void addEntry(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
