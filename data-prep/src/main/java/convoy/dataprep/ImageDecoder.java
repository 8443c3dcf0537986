package convoy.dataprep;

import convoy.storage.Storage;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Decodes JPEG and PNG images to RGB bytes.
 *
 * <p>The format is told from the content, not from the file's name. Grey images get three equal
 * channels with the values as stored (through Java's colour conversion they would become lighter);
 * transparency is dropped.
 */
public final class ImageDecoder {
  private static final int CMYK_COMPONENTS = 4;

  /** Markers of JPEG among those of frames that begin none: tables, and one that is reserved. */
  private static final Set<Integer> NO_FRAMES = Set.of(0xC4, 0xC8, 0xCC);

  private static final int FILE_LIMIT_BYTES = 1 << 28;

  /** What the JPEG reader warns of where a file was cut off or altered; it goes on regardless. */
  private static final String[] DAMAGE = {"premature end", "truncated", "corrupt"};

  /**
   * A decoded image.
   *
   * @param size its size, with 3 channels
   * @param pixels height, width, channel
   * @param grey whether the file has one channel or a palette of greys, so that the three here are
   *     equal
   */
  public record Decoded(ImageSize size, byte[] pixels, boolean grey) {}

  /**
   * Reads and decodes one image file.
   *
   * @throws IllegalArgumentException if it is no whole JPEG or PNG image; names the file
   * @throws IOException if it can't be read
   */
  public Decoded read(Storage storage, Path file) throws IOException {
    byte[] content = storage.read(file, FILE_LIMIT_BYTES);
    try {
      return decode(content);
    } catch (IIOException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Decodes the content of one image file.
   *
   * @throws IIOException if it is no whole JPEG or PNG image, with a reason for the user
   */
  public Decoded decode(byte[] file) throws IIOException {
    if (file.length == 0) {
      throw new IIOException("the file is empty, expected a JPEG or PNG image");
    }
    String format = format(file);
    if (format.equals("png")) {
      checkChunks(file);
    } else if (components(file) == CMYK_COMPONENTS) {
      throw new IIOException(
          "a JPEG image of four colours (CMYK), which no two programs show alike; convert it to"
              + " RGB, or remove it");
    }
    ImageReader reader = reader(format);
    try (ImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(stream, true, true);
      ImageSize size = new ImageSize(reader.getHeight(0), reader.getWidth(0), 3);
      StringBuilder damage = new StringBuilder();
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            for (String word : DAMAGE) {
              if (warning.toLowerCase(Locale.ROOT).contains(word) && damage.isEmpty()) {
                damage.append(warning);
              }
            }
          });
      BufferedImage image = reader.read(0);
      if (!damage.isEmpty()) {
        throw new IIOException(damage.toString());
      }
      return new Decoded(size, pixels(image, size), hasOneChannel(image) || hasGreyPalette(image));
    } catch (IOException | RuntimeException e) {
      // Damaged files make ImageIO's readers throw many kinds of exception; all mean the same.
      throw new IIOException(
          "the image does not decode (" + Storage.firstLine(e) + "); is the file complete?", e);
    } finally {
      reader.dispose();
    }
  }

  /**
   * Walks over the chunks of a PNG image up to the last, and compares the checksums of those that
   * an image can't do without; the reader looks at neither.
   */
  private static void checkChunks(byte[] file) throws IIOException {
    int signatureBytes = 8;
    int typeBytes = 4;
    int chunkBytesBesideData = 12;
    int end = 0x49454E44;
    ByteBuffer chunks = ByteBuffer.wrap(file);
    long at = signatureBytes;
    while (at + chunkBytesBesideData <= file.length) {
      int start = (int) at;
      long length = chunks.getInt(start) & 0xFFFFFFFFL;
      int type = chunks.getInt(start + 4);
      long next = at + chunkBytesBesideData + length;
      if (next <= file.length && Character.isUpperCase(file[start + 4])) {
        CRC32 checksum = new CRC32();
        checksum.update(file, start + 4, typeBytes + (int) length);
        if ((int) checksum.getValue() != chunks.getInt((int) next - 4)) {
          throw new IIOException("the image is damaged (the checksum of a chunk is wrong)");
        }
      }
      if (type == end) {
        return;
      }
      at = next;
    }
    throw new IIOException("the image does not decode (it has no IEND); is the file complete?");
  }

  /** Colours of a JPEG image, by the header of its frame; 0 if none is found. */
  private static int components(byte[] file) {
    int at = 2;
    while (at + 9 < file.length && (file[at] & 0xFF) == 0xFF) {
      int marker = file[at + 1] & 0xFF;
      boolean isFrame = marker >= 0xC0 && marker <= 0xCF && !NO_FRAMES.contains(marker);
      if (isFrame) {
        return file[at + 9] & 0xFF;
      }
      // A marker may have any number of bytes 0xFF before it.
      int length = (file[at + 2] & 0xFF) << 8 | file[at + 3] & 0xFF;
      at += marker == 0xFF ? 1 : 2 + length;
    }
    return 0;
  }

  private static ImageReader reader(String format) throws IIOException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (!readers.hasNext()) {
      throw new IIOException("this Java has no reader for " + format);
    }
    ImageReader reader = readers.next();
    for (Locale locale :
        reader.getAvailableLocales() == null ? new Locale[0] : reader.getAvailableLocales()) {
      if (locale.getLanguage().equals("en")) {
        reader.setLocale(locale);
      }
    }
    return reader;
  }

  private static String format(byte[] file) throws IIOException {
    if (startsWith(file, 0xFF, 0xD8, 0xFF)) {
      return "jpeg";
    }
    if (startsWith(file, 0x89, 'P', 'N', 'G')) {
      return "png";
    }
    throw new IIOException("neither a JPEG nor a PNG image; convert it, or remove it");
  }

  private static boolean startsWith(byte[] file, int... magic) {
    if (file.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((file[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] pixels(BufferedImage image, ImageSize size) {
    byte[] pixels = new byte[size.bytes()];
    int width = size.width();
    boolean grey = hasOneChannel(image);
    int[] row = new int[width];
    for (int y = 0; y < size.height(); y++) {
      if (grey) {
        greyRow(image, y, row);
      } else {
        image.getRGB(0, y, width, 1, row, 0, width);
      }
      for (int x = 0; x < width; x++) {
        int at = 3 * (y * width + x);
        pixels[at] = (byte) (row[x] >> 16);
        pixels[at + 1] = (byte) (row[x] >> 8);
        pixels[at + 2] = (byte) row[x];
      }
    }
    return pixels;
  }

  private static boolean hasOneChannel(BufferedImage image) {
    return image.getColorModel().getNumColorComponents() == 1;
  }

  /** True of grey PNG images of 1, 2 or 4 bits too: the reader makes a palette for them. */
  private static boolean hasGreyPalette(BufferedImage image) {
    if (!(image.getColorModel() instanceof IndexColorModel palette)) {
      return false;
    }
    for (int i = 0; i < palette.getMapSize(); i++) {
      if (palette.getRed(i) != palette.getGreen(i) || palette.getRed(i) != palette.getBlue(i)) {
        return false;
      }
    }
    return true;
  }

  private static void greyRow(BufferedImage image, int y, int[] row) {
    Raster raster = image.getRaster();
    int bits = image.getColorModel().getComponentSize(0);
    raster.getSamples(0, y, row.length, 1, 0, row);
    for (int x = 0; x < row.length; x++) {
      int value = bits > 8 ? row[x] >> (bits - 8) : row[x];
      row[x] = value << 16 | value << 8 | value;
    }
  }
}
