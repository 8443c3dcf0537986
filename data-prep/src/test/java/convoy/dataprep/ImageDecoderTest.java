package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import javax.imageio.IIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder();

  @Test
  void colourPngKeepsEveryByte() throws IOException {
    byte[] pixels = TestSource.pixels(1, 5 * 7 * 3);
    ImageDecoder.Decoded image = decoder.decode(file("png", TestSource.image(pixels, 5, 7)));
    assertEquals(new ImageSize(5, 7, 3), image.size());
    assertArrayEquals(pixels, image.pixels());
  }

  @Test
  void jpegIsDecodedAsImageIoDoes() throws IOException {
    byte[] jpeg = jpeg();
    BufferedImage expected = ImageIO.read(new java.io.ByteArrayInputStream(jpeg));
    byte[] pixels = decoder.decode(jpeg).pixels();
    for (int i = 0; i < 16 * 16; i++) {
      int rgb = expected.getRGB(i % 16, i / 16);
      assertEquals((byte) (rgb >> 16), pixels[3 * i]);
      assertEquals((byte) (rgb >> 8), pixels[3 * i + 1]);
      assertEquals((byte) rgb, pixels[3 * i + 2]);
    }
  }

  @Test
  void greyImagesGetThreeEqualChannelsOfTheValuesAsStored() throws IOException {
    BufferedImage grey = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage deepGrey = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
    int[] values = {0, 90, 128, 255};
    for (int x = 0; x < 4; x++) {
      grey.getRaster().setSample(x, 0, 0, values[x]);
      deepGrey.getRaster().setSample(x, 0, 0, values[x] * 257);
    }
    byte[] expected = new byte[12];
    for (int i = 0; i < 12; i++) {
      expected[i] = (byte) values[i / 3];
    }
    assertArrayEquals(expected, decoder.decode(file("png", grey)).pixels());
    assertArrayEquals(expected, decoder.decode(file("png", deepGrey)).pixels());
  }

  /** Java's reader makes palettes of them. The file is 4x1 pixels of 2 bits: 0, 1, 2, 3. */
  @Test
  void greysOfFewBitsAreGreyAndSpanTheWholeRange() throws IOException {
    String file =
        "89504e470d0a1a0a0000000d494844520000000400000001020000000096e748b00000000a49"
            + "444154789c63900600001d001c8ef4f5210000000049454e44ae426082";
    ImageDecoder.Decoded image = decoder.decode(HexFormat.of().parseHex(file));
    assertTrue(image.grey());
    byte[] expected = {0, 0, 0, 85, 85, 85, (byte) 170, (byte) 170, (byte) 170, -1, -1, -1};
    assertArrayEquals(expected, image.pixels());
  }

  @Test
  void transparencyIsDropped() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x80102030);
    image.setRGB(1, 0, 0x00405060);
    assertArrayEquals(
        new byte[] {0x10, 0x20, 0x30, 0x40, 0x50, 0x60},
        decoder.decode(file("png", image)).pixels());
  }

  @Test
  void palettesAreResolved() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED);
    image.setRGB(0, 0, 0xFFFF0000);
    image.setRGB(1, 0, 0xFF0000FF);
    ImageDecoder.Decoded decoded = decoder.decode(file("png", image));
    assertArrayEquals(new byte[] {-1, 0, 0, 0, 0, -1}, decoded.pixels());
    assertFalse(decoded.grey());
  }

  @Test
  void truncatedImagesAreRefused() throws IOException {
    for (byte[] whole :
        new byte[][] {
          jpeg(), file("png", TestSource.image(TestSource.pixels(1, 16 * 16 * 3), 16, 16))
        }) {
      for (int length : new int[] {3, 20, whole.length / 2, whole.length - 20}) {
        byte[] part = Arrays.copyOf(whole, length);
        IIOException e = assertThrows(IIOException.class, () -> decoder.decode(part));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
  }

  @Test
  void hugeSizesInAHeaderAreRefusedBeforeMemoryIsTaken() throws IOException {
    byte[] png = file("png", TestSource.image(TestSource.pixels(1, 12), 2, 2));
    Arrays.fill(png, 16, 24, (byte) 0x7F);
    CRC32 checksum = new CRC32();
    checksum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) checksum.getValue());
    IIOException e = assertThrows(IIOException.class, () -> decoder.decode(png));
    assertTrue(e.getMessage().contains("more than 256 MB"), e.getMessage());
  }

  @Test
  void aDamagedChunkIsRefusedThoughItInflates() throws IOException {
    byte[] png = file("png", TestSource.image(TestSource.pixels(1, 12), 2, 2));
    int checksumOfTheHeader = 8 + 8 + 13;
    png[checksumOfTheHeader]++;
    IIOException e = assertThrows(IIOException.class, () -> decoder.decode(png));
    assertEquals("the image is damaged (the checksum of a chunk is wrong)", e.getMessage());
  }

  @Test
  void fourColoursAreRefused() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(file)) {
      writer.setOutput(stream);
      Raster cmyk = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
      writer.write(null, new IIOImage(cmyk, null, null), null);
    } finally {
      writer.dispose();
    }
    IIOException e = assertThrows(IIOException.class, () -> decoder.decode(file.toByteArray()));
    assertTrue(e.getMessage().contains("CMYK"), e.getMessage());
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    byte[] gif = file("gif", TestSource.image(TestSource.pixels(1, 12), 2, 2));
    for (byte[] file : new byte[][] {gif, "text".getBytes(StandardCharsets.UTF_8), {}}) {
      assertThrows(IIOException.class, () -> decoder.decode(file));
    }
  }

  private static byte[] jpeg() throws IOException {
    return file("jpeg", TestSource.image(TestSource.pixels(2, 16 * 16 * 3), 16, 16));
  }

  private static byte[] file(String format, BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }
}
