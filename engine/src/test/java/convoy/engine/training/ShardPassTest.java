package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShardPassTest {

  @Test
  void orderIsAPermutationThatIsTheSameEveryTime() {
    // Computed by the published equations in exact integers, outside Java.
    assertArrayEquals(new int[] {0, 5, 2, 6, 8, 9, 7, 1, 3, 4}, ShardPass.of(42, 3, 7, 10).order());
    int[] order = ShardPass.of(42, 3, 7, 500).order();
    Arrays.sort(order);
    for (int i = 0; i < order.length; i++) {
      assertEquals(i, order[i]);
    }
  }

  @Test
  void orderDiffersByEpochShardAndSeed() {
    int[] order = ShardPass.of(42, 3, 7, 100).order();
    assertFalse(Arrays.equals(order, ShardPass.of(42, 4, 7, 100).order()));
    assertFalse(Arrays.equals(order, ShardPass.of(42, 3, 6, 100).order()));
    assertFalse(Arrays.equals(order, ShardPass.of(43, 3, 7, 100).order()));
    assertFalse(Arrays.equals(order, ShardPass.of(42, 7, 3, 100).order()));
  }

  @Test
  void keyDiffersByEpochShardAndSeed() {
    ShardPass pass = ShardPass.of(42, 3, 7, 10);
    assertEquals(pass.augmentation(), ShardPass.of(42, 3, 7, 20).augmentation());
    assertNotEquals(pass.augmentation(), ShardPass.of(42, 4, 7, 10).augmentation());
    assertNotEquals(pass.augmentation(), ShardPass.of(42, 3, 6, 10).augmentation());
    assertNotEquals(pass.augmentation(), ShardPass.of(43, 3, 7, 10).augmentation());
    assertNotEquals(pass.augmentation(), ShardPass.of(42, 7, 3, 10).augmentation());
  }
}
