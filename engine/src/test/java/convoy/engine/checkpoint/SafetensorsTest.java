package convoy.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  /** Written by Python's safetensors; engine/src/test/python/safetensors_golden.py prints it. */
  private static final String PYTHON_FILE =
      "MAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyLDqSI6IsO8XG4iLCJwcm9kdWNlciI6InB5dGhvbiJ9LCJkZW5zZTEvYmlh"
          + "cyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzAsMTJdfSwiZGVuc2UxL3dlaWdo"
          + "dHMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzEyLDM2XX0sImVtcHR5Ijp7"
          + "ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDRdLCJkYXRhX29mZnNldHMiOlszNiwzNl19LCJzY2FsYXIiOnsiZHR5"
          + "cGUiOiJGMzIiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzM2LDQwXX19AAAAPwAAgH8AAMB/AADAPwAAEMDN"
          + "zMw95rFhfwEAAAAAAACAAADgQA==";

  @Test
  void fileOfPythonIsRead() throws IOException {
    float[] values = new float[12];
    List<NamedTensor> destinations =
        List.of(
            tensor("dense1/weights", List.of(2, 3), values, 0),
            tensor("scalar", List.of(), values, 11),
            tensor("dense1/bias", List.of(3), values, 7),
            tensor("empty", List.of(0, 4), values, 6));
    Map<String, String> metadata = read(Base64.getDecoder().decode(PYTHON_FILE), destinations);
    assertEquals(Map.of("producer", "python", "é", "ü\n"), metadata);
    assertArrayEquals(
        new float[] {
          1.5f,
          -2.25f,
          0.1f,
          3e38f,
          Float.MIN_VALUE,
          -0.0f,
          0,
          0.5f,
          Float.POSITIVE_INFINITY,
          Float.NaN,
          0,
          7
        },
        values);
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    float[] values = {9, 1, -2};
    Safetensors.write(out, Map.of("k", "v"), List.of(tensor("x", List.of(1, 2), values, 1)));
    String json =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
    assertEquals(81, json.length());
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write(new byte[] {88, 0, 0, 0, 0, 0, 0, 0});
    expected.writeBytes((json + " ".repeat(7)).getBytes(StandardCharsets.UTF_8));
    expected.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0});
    assertArrayEquals(expected.toByteArray(), out.toByteArray());
  }

  @Test
  void valuesComeBackBitByBit() throws IOException {
    // More than one block, and a length that is no multiple of it.
    float[] values = new float[40_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(i * 104_729);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(
        out,
        Map.of(),
        List.of(
            tensor("late", List.of(3, 3333), values, 30_002),
            tensor("early", List.of(30_002), values, 0)));
    float[] copy = new float[values.length];
    Map<String, String> metadata =
        read(
            out.toByteArray(),
            List.of(
                tensor("early", List.of(30_002), copy, 0),
                tensor("late", List.of(3, 3333), copy, 30_002)));
    assertEquals(Map.of(), metadata);
    for (int i = 0; i < values.length; i++) {
      assertEquals(Float.floatToRawIntBits(values[i]), Float.floatToRawIntBits(copy[i]));
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] file = Base64.getDecoder().decode(PYTHON_FILE);
    for (int length = 0; length < file.length; length++) {
      byte[] part = Arrays.copyOf(file, length);
      var error = assertThrows(DamagedCheckpointException.class, () -> header(part, part.length));
      assertTrue(error.getMessage().startsWith("x: truncated: " + length), error.getMessage());
    }
  }

  @Test
  void fileShorterThanItsLengthSaysIsRefused() {
    byte[] file = Base64.getDecoder().decode(PYTHON_FILE);
    float[] values = new float[12];
    List<NamedTensor> destinations =
        List.of(
            tensor("dense1/weights", List.of(2, 3), values, 0),
            tensor("scalar", List.of(), values, 11),
            tensor("dense1/bias", List.of(3), values, 7),
            tensor("empty", List.of(0, 4), values, 6));
    for (int length = 0; length < file.length; length++) {
      ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(file, length));
      var error =
          assertThrows(
              DamagedCheckpointException.class,
              () ->
                  Safetensors.readData(
                      "x", in, SafetensorsHeader.read("x", in, file.length), destinations));
      assertTrue(error.getMessage().startsWith("x: truncated: "), error.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100_000_001, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, -1})
  void impossibleHeaderLengthIsRefused(long length) {
    byte[] file = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length).array();
    for (long sizeBytes : new long[] {64, Long.MAX_VALUE}) {
      var error = assertThrows(DamagedCheckpointException.class, () -> header(file, sizeBytes));
      assertTrue(error.getMessage().contains(Long.toUnsignedString(length)), error.getMessage());
    }
  }

  @Test
  void largestHeaderOfAShortFileIsRefusedWithoutItsMemory() {
    byte[] file =
        ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 100_000_000).array();
    var error = assertThrows(DamagedCheckpointException.class, () -> header(file, 64));
    assertEquals("x: truncated: 64 bytes, wanted 100000008", error.getMessage());
    error = assertThrows(DamagedCheckpointException.class, () -> header(file, Long.MAX_VALUE));
    assertEquals("x: truncated: 64 bytes, wanted 100000008", error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '\0',
      value = {
        "[]|no JSON object",
        "{ |no valid JSON",
        "{} x|no valid JSON",
        "{} {}|goes on behind",
        "{'a':1}|tensor a: wanted a mapping",
        "{'a':{}}|has dtype , wanted F32",
        "{'a':{'dtype':'F16','shape':[4],'data_offsets':[0,8]}}|has dtype F16, wanted F32",
        "{'a':{'dtype':'F32','shape':[2]}}|no shape or no data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|no shape or no data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}|unknown key x",
        "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|wanted a shape of",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|wanted a shape of",
        "{'a':{'dtype':'F32','shape':[[2]],'data_offsets':[0,8]}}|wanted a shape of",
        "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|wanted a shape",
        "{'a':{'dtype':'F32','shape':[99999999999],'data_offsets':[0,8]}}|less than 2^31",
        "{'a':{'dtype':'F32','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,8]}}"
            + "|more than there can be",
        "{'a':{'dtype':'F32','shape':[2147483647,2147483647],'data_offsets':[0,8]}}"
            + "|more than there can be",
        "{'a':{'dtype':'F32','shape':[2147483647,2],'data_offsets':[0,8]}}|17179869176 bytes",
        "{'a':{'dtype':'F32','shape':[2147483647,2],'data_offsets':[0,17179869176]}}|truncated: ",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|offsets 8 to 0",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,99999999999999999999]}}|whole numbers",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|begins at byte 4, behind a gap",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|inside another one",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|too long: ",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|Duplicate field",
        "{'__metadata__':{'a':1},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
            + "|mapping of texts",
        "{'a\\n\\u001b[2J':1}|tensor a\\n\\u001B[2J: wanted a mapping",
      })
  void headerThatContradictsItselfIsRefused(String json, String part) {
    byte[] file = file(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    var error = assertThrows(DamagedCheckpointException.class, () -> header(file, file.length));
    assertTrue(error.getMessage().contains(part), error.getMessage());
    assertEquals(1, error.getMessage().lines().count());
  }

  @Test
  void headerThatIsNoUtf8IsRefused() {
    byte[] file = file(new byte[] {'{', '"', (byte) 0xff, '"', '}'});
    var error = assertThrows(DamagedCheckpointException.class, () -> header(file, file.length));
    assertEquals("x: the header is no UTF-8", error.getMessage());
  }

  @Test
  void otherTensorsThanWantedAreNamed() throws IOException {
    byte[] file = Base64.getDecoder().decode(PYTHON_FILE);
    SafetensorsHeader header = header(file, file.length);
    NamedShape weights = new NamedShape("dense1/weights", List.of(2, 3));
    NamedShape bias = new NamedShape("dense1/bias", List.of(3));
    NamedShape scalar = new NamedShape("scalar", List.of());
    NamedShape empty = new NamedShape("empty", List.of(0, 4));
    header.requireExactly("x", List.of(weights, bias, scalar, empty));
    assertMessage(
        "x: tensor scalar is unknown to the network", header, List.of(weights, bias, empty));
    assertMessage(
        "x: tensor dense2/bias is missing",
        header,
        List.of(weights, bias, scalar, empty, new NamedShape("dense2/bias", List.of(3))));
    assertMessage(
        "x: tensor dense1/weights has dimensions [2, 3], wanted [3, 2]",
        header,
        List.of(new NamedShape("dense1/weights", List.of(3, 2)), bias, scalar, empty));
  }

  private static void assertMessage(
      String message, SafetensorsHeader header, List<NamedShape> wanted) {
    assertEquals(
        message,
        assertThrows(DamagedCheckpointException.class, () -> header.requireExactly("x", wanted))
            .getMessage());
  }

  /** A file of that header, and 8 bytes of data. */
  private static byte[] file(byte[] header) {
    return ByteBuffer.allocate(Long.BYTES + header.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  private static SafetensorsHeader header(byte[] file, long sizeBytes) throws IOException {
    return SafetensorsHeader.read("x", new ByteArrayInputStream(file), sizeBytes);
  }

  private static Map<String, String> read(byte[] file, List<NamedTensor> destinations)
      throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(file);
    SafetensorsHeader header = SafetensorsHeader.read("x", in, file.length);
    Safetensors.readData("x", in, header, destinations);
    return header.metadata();
  }

  private static NamedTensor tensor(
      String name, List<Integer> dimensions, float[] values, int offset) {
    return new NamedTensor(new NamedShape(name, dimensions), values, offset);
  }
}
