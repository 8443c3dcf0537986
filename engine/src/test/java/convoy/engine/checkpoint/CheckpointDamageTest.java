package convoy.engine.checkpoint;

import static convoy.engine.checkpoint.TestCheckpoints.AVERAGED;
import static convoy.engine.checkpoint.TestCheckpoints.checkpoint;
import static convoy.engine.checkpoint.TestCheckpoints.forgeManifest;
import static convoy.engine.checkpoint.TestCheckpoints.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of checkpoints whose files were truncated, altered or forged. */
class CheckpointDamageTest {

  @Test
  void everyTruncationOfEveryFileIsNamed() throws IOException {
    MemoryFolder folder = written(checkpoint(AVERAGED));
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] whole = folder.files.get(name);
      for (int length = 0; length < whole.length - 1; length++) {
        folder.files.put(name, Arrays.copyOf(whole, length));
        assertRefused(folder, "memory/" + name + ": ");
      }
      folder.files.remove(name);
      assertRefused(folder, "memory/" + name + ": missing");
      folder.files.put(name, whole);
    }
    Checkpoint.read(folder);
  }

  @Test
  void everyAlteredByteIsNamed() throws IOException {
    MemoryFolder folder = written(checkpoint(AVERAGED));
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] bytes = folder.files.get(name);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= 1;
        String file = name.equals(Manifest.NAME) ? "memory/" : "memory/" + name + ": altered: ";
        assertRefused(folder, file);
        bytes[i] ^= 1;
      }
    }
    Checkpoint.read(folder);
  }

  @Test
  void truncationSaysBothLengths() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    byte[] weights = folder.files.get("weights.safetensors");
    folder.files.put("weights.safetensors", Arrays.copyOf(weights, 100));
    assertEquals(
        "memory/weights.safetensors: truncated: 100 bytes, manifest.json says " + weights.length,
        assertThrows(DamagedCheckpointException.class, () -> Checkpoint.read(folder)).getMessage());
  }

  @Test
  void forgedFilesAreRefusedOrReadButNeverCrash() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    for (String name : List.of("network.yaml", "state.json", "weights.safetensors")) {
      byte[] bytes = folder.files.get(name);
      for (int i = 0; i < bytes.length; i += 7) {
        byte original = bytes[i];
        for (byte forged : new byte[] {'9', '"', (byte) 0xff}) {
          bytes[i] = forged;
          forgeManifest(folder);
          try {
            Checkpoint.read(folder);
          } catch (IOException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
          }
        }
        bytes[i] = original;
      }
    }
  }

  @Test
  void weightsOfAnotherNetworkAreRefused() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String yaml = new String(folder.files.get("network.yaml"), StandardCharsets.UTF_8);
    String other = yaml.replace("filters: 2", "filters: 2000000");
    folder.files.put("network.yaml", other.getBytes(StandardCharsets.UTF_8));
    forgeManifest(folder);
    assertRefused(folder, "memory/weights.safetensors: tensor convolution1/weights has dimensions");
  }

  @Test
  void otherWeightsThanTheStateSaysAreRefused() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    byte[] weights = folder.files.get("weights.safetensors");
    weights[weights.length - 1] ^= 1;
    forgeManifest(folder);
    assertRefused(folder, "memory/state.json: weightsDigest is ");
  }

  @Test
  void laterFormatIsNotTakenForDamage() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String json = new String(folder.files.get("state.json"), StandardCharsets.UTF_8);
    String later = json.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2");
    assertNotEquals(json, later);
    folder.files.put("state.json", later.getBytes(StandardCharsets.UTF_8));
    forgeManifest(folder);
    IOException error = assertThrows(IOException.class, () -> Checkpoint.read(folder));
    assertFalse(error instanceof DamagedCheckpointException);
    assertEquals(
        "memory/state.json: formatVersion is 2, this Convoy reads 1; use the Convoy that wrote it",
        error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "../state.json|name is no plain file name",
        "/etc/passwd|name is no plain file name",
        ".hidden|name is no plain file name",
        "manifest.json|name is no plain file name",
        "weights.safetensors|weights.safetensors is named twice",
      })
  void manifestNamesPlainFilesOnce(String name, String part) throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String json = new String(folder.files.get("manifest.json"), StandardCharsets.UTF_8);
    String forged = json.replace("\"network.yaml\"", "\"" + name + "\"");
    folder.files.put("manifest.json", forged.getBytes(StandardCharsets.UTF_8));
    var error = assertThrows(DamagedCheckpointException.class, () -> Checkpoint.read(folder));
    assertTrue(error.getMessage().startsWith("memory/manifest.json: "), error.getMessage());
    assertTrue(error.getMessage().endsWith(part), error.getMessage());
  }

  private static void assertRefused(MemoryFolder folder, String start) {
    IOException error = assertThrows(IOException.class, () -> Checkpoint.read(folder));
    assertTrue(error.getMessage().startsWith(start), error.getMessage());
    assertFalse(error.getMessage().contains("Feature"), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
  }
}
