package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MiniBatchTest {
  private static final Shape IMAGE = new Shape(1, 1, 2, 3);
  private static final RandomKey KEY = RandomKey.of(1, RandomKey.Purpose.AUGMENTATION);

  /** Three images of six bytes: 0 to 5, 120 to 125, 250 to 255. */
  private static Shard shard() {
    byte[] pixels = new byte[18];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 6 * (i < 12 ? 120 : 125) + i % 6);
    }
    return new Shard(IMAGE, pixels, new int[] {7, 8, 9});
  }

  @Test
  void bytesBecomeNumbersFromZeroTo255() {
    byte[] pixels = new byte[256];
    for (int i = 0; i < 256; i++) {
      pixels[i] = (byte) i;
    }
    Shape image = new Shape(1, 16, 16, 1);
    float[] values = new float[256];
    new MiniBatch(1, image, Augmentation.NONE)
        .fill(
            new Shard(image, pixels, new int[1]),
            new int[] {0},
            0,
            KEY,
            Tensor.dense(values, 0, image));
    for (int i = 0; i < 256; i++) {
      assertEquals(i, values[i]);
    }
  }

  @Test
  void imagesAndLabelsFollowTheOrder() {
    MiniBatch batch = new MiniBatch(4, IMAGE, Augmentation.NONE);
    float[] values = new float[16];
    Arrays.fill(values, -1);
    Tensor input = Tensor.dense(values, 2, IMAGE.withImages(2));
    batch.fill(shard(), new int[] {1, 2, 0}, 1, KEY, input);
    assertArrayEquals(
        new float[] {-1, -1, 250, 251, 252, 253, 254, 255, 0, 1, 2, 3, 4, 5, -1, -1}, values);
    assertArrayEquals(new int[] {9, 7}, Arrays.copyOf(batch.labels(), 2));
  }

  @Test
  void imagesOfAnotherShapeAreRefusedWithBothShapes() {
    for (Shape other : new Shape[] {new Shape(1, 2, 1, 3), new Shape(1, 1, 2, 4)}) {
      MiniBatch batch = new MiniBatch(1, other, Augmentation.NONE);
      Tensor input = Tensor.dense(new float[8], 0, other);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> batch.fill(shard(), new int[] {0}, 0, KEY, input))
              .getMessage();
      assertTrue(message.contains("1x2x3") && message.contains(other.image()), message);
    }
  }

  @Test
  void whatBecomesOfAnImageDoesNotDependOnItsBatch() {
    Augmentation all = new Augmentation(true, 0, 1, 0.5, 0.5, 0.5);
    int[] order = {2, 0, 1};
    float[] together = new float[18];
    new MiniBatch(3, IMAGE, all)
        .fill(shard(), order, 0, KEY, Tensor.dense(together, 0, IMAGE.withImages(3)));
    MiniBatch single = new MiniBatch(1, IMAGE, all);
    for (int i = 0; i < order.length; i++) {
      float[] alone = new float[6];
      single.fill(shard(), order, i, KEY, Tensor.dense(alone, 0, IMAGE));
      assertArrayEquals(Arrays.copyOfRange(together, 6 * i, 6 * i + 6), alone);
      assertEquals(shard().labels()[order[i]], single.labels()[0]);
    }
  }

  @Test
  void shardHasOneLabelForEachImage() {
    assertEquals(3, shard().size());
    assertThrows(IllegalArgumentException.class, () -> new Shard(IMAGE, new byte[17], new int[3]));
    assertThrows(IllegalArgumentException.class, () -> new Shard(IMAGE, new byte[18], new int[2]));
  }

  @Test
  void shardSizesAreThoseOfPixelsAndLabels() {
    Shape image = new Shape(1, 32, 32, 3);
    assertEquals(699_050, Shard.largestSize(image));
    assertEquals(50_000L * 3076, Shard.sizeBytes(image, 50_000));
  }
}
