package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShapesGeneratorTest {
  private static final int CLASSES = 10;
  private static final int RECORD = 3073;

  private final Storage storage = new Storage(new Configuration());

  @TempDir Path folder;

  @Test
  void filesHaveTheLayoutOfCifar10() throws IOException {
    new ShapesGenerator(1, 52, 20).write(storage, folder.toString());
    assertEquals(52 * RECORD, train(folder).length);
    assertEquals(10 * RECORD, Files.size(folder.resolve("data_batch_1.bin")));
    assertEquals(20 * RECORD, Files.size(folder.resolve("test_batch.bin")));
    assertEquals(
        ShapesGenerator.classNames(), Files.readAllLines(folder.resolve("batches.meta.txt")));
    int[] frequencies = new int[CLASSES];
    byte[] test = Files.readAllBytes(folder.resolve("test_batch.bin"));
    for (int i = 0; i < 20; i++) {
      frequencies[test[i * RECORD]]++;
    }
    assertArrayEquals(new int[] {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, frequencies);
  }

  @Test
  void seedDecidesEveryByte() throws IOException {
    Path same = folder.resolve("same");
    Path other = folder.resolve("other");
    new ShapesGenerator(1, 20, 0).write(storage, folder.toString());
    new ShapesGenerator(1, 20, 0).write(storage, same.toString());
    new ShapesGenerator(2, 20, 0).write(storage, other.toString());
    assertArrayEquals(train(folder), train(same));
    assertFalse(java.util.Arrays.equals(train(folder), train(other)));
  }

  @Test
  void testFileOfAnEarlierRunIsRemoved() throws IOException {
    new ShapesGenerator(1, 10, 10).write(storage, folder.toString());
    new ShapesGenerator(1, 10, 0).write(storage, folder.toString());
    assertFalse(Files.exists(folder.resolve("test_batch.bin")));
  }

  @Test
  void tooFewImagesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ShapesGenerator(1, 9, 10));
    assertThrows(IllegalArgumentException.class, () -> new ShapesGenerator(1, 10, -1));
  }

  @Test
  void linearModelFails() throws IOException {
    ShapesGenerator.defaults(7).write(storage, folder.toString());
    byte[] train = train(folder);
    byte[] test = Files.readAllBytes(folder.resolve("test_batch.bin"));
    float[][] weights = new float[CLASSES][RECORD];
    for (int epoch = 0; epoch < 10; epoch++) {
      for (int i = 0; i < train.length; i += RECORD) {
        step(weights, train, i, 0.001f);
      }
    }
    int correct = 0;
    for (int i = 0; i < test.length; i += RECORD) {
      float[] scores = scores(weights, test, i);
      int best = 0;
      for (int k = 1; k < CLASSES; k++) {
        best = scores[k] > scores[best] ? k : best;
      }
      correct += best == test[i] ? 1 : 0;
    }
    double accuracy = correct / 1000.0;
    assertTrue(accuracy < 0.45, "a linear model reaches " + accuracy);
  }

  /** One step of stochastic gradient descent on the cross-entropy of softmax. */
  private static void step(float[][] weights, byte[] records, int at, float learningRate) {
    float[] scores = scores(weights, records, at);
    float most = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    float sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      scores[k] = (float) Math.exp(scores[k] - most);
      sum += scores[k];
    }
    for (int k = 0; k < CLASSES; k++) {
      float gradient = scores[k] / sum - (k == records[at] ? 1 : 0);
      float[] row = weights[k];
      row[0] -= learningRate * gradient;
      for (int p = 1; p < RECORD; p++) {
        row[p] -= learningRate * gradient * value(records[at + p]);
      }
    }
  }

  private static float[] scores(float[][] weights, byte[] records, int at) {
    float[] scores = new float[CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      float score = weights[k][0];
      for (int p = 1; p < RECORD; p++) {
        score += weights[k][p] * value(records[at + p]);
      }
      scores[k] = score;
    }
    return scores;
  }

  private static float value(byte pixel) {
    return (pixel & 0xFF) / 127.5f - 1;
  }

  private static byte[] train(Path folder) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int b = 1; b <= 5; b++) {
      all.writeBytes(Files.readAllBytes(folder.resolve("data_batch_" + b + ".bin")));
    }
    return all.toByteArray();
  }
}
