package convoy.engine.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Golden values were computed by the published equations in exact integers, outside Java. */
class RandomKeyTest {
  private static final RandomKey KEY = RandomKey.of(42, RandomKey.Purpose.SHUFFLE).with(3).with(7);

  @Test
  void bitsAreTheSequenceOfSplitMix64() {
    // The numbers that the authors' own code gives for the seed 1234567.
    RandomKey key = new RandomKey(1234567);
    String[] wanted = {
      "6457827717110365317",
      "3203168211198807973",
      "9817491932198370423",
      "4593380528125082431",
      "16408922859458223821"
    };
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], Long.toUnsignedString(key.bits(i)));
    }
  }

  @Test
  void keysAreThoseOfTheirCounters() {
    assertEquals(0xe220a8397b1dcdafL, RandomKey.of(0, RandomKey.Purpose.INITIALISATION).state());
    assertEquals(0xb485244380e590beL, RandomKey.of(-1, RandomKey.Purpose.SHUFFLE).state());
    assertEquals(0x72f043b9ae70ddb7L, KEY.state());
    assertEquals(0xd7625d5ced0039c4L, KEY.bits(-1));
    assertEquals(0xdc8c4a7663f5edd1L, KEY.bits(Long.MAX_VALUE));
  }

  @Test
  void uniformNumbersAreTheUpperBits() {
    assertEquals(0.6556997962160971, KEY.uniform(0));
    assertEquals(0.7588090325027124, KEY.uniform(1));
    assertEquals(0.9854555728971965, KEY.uniform(2));
  }

  @Test
  void integersBelowABoundAreScaledUpperBits() {
    int[] wanted = {6, 7, 9, 3, 3, 2, 4, 8, 4, 5, 7, 6};
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], KEY.below(10, i));
    }
    assertEquals(551430549, KEY.below(Integer.MAX_VALUE, 5));
    assertEquals(0, KEY.below(1, 5));
  }

  @Test
  void permutationIsFisherYates() {
    assertArrayEquals(new int[] {0, 5, 2, 6, 8, 9, 7, 1, 3, 4}, KEY.permutation(10));
    assertArrayEquals(new int[] {}, KEY.permutation(0));
    assertArrayEquals(new int[] {0}, KEY.permutation(1));
  }

  @Test
  void permutationHoldsEachNumberOnce() {
    int[] order = KEY.permutation(1000);
    Arrays.sort(order);
    for (int i = 0; i < order.length; i++) {
      assertEquals(i, order[i]);
    }
  }

  @Test
  void placesOfAPermutationAreThoseOfAFeistelNetwork() {
    long[] wanted = {5, 1, 4, 2, 8, 6, 3, 7, 0, 9};
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], KEY.permuted(i, wanted.length));
    }
    assertEquals(0, KEY.permuted(0, 1));
    assertEquals(477642843563L, KEY.permuted(123456789, 1_000_000_000_000L));
    assertEquals(1404751236102133541L, KEY.permuted(5, 1L << 62));
  }

  @Test
  void everyPlaceIsTakenOnce() {
    for (int size : new int[] {1, 2, 3, 4, 5, 16, 17, 61, 1000}) {
      boolean[] taken = new boolean[size];
      for (int i = 0; i < size; i++) {
        int place = (int) KEY.permuted(i, size);
        assertFalse(taken[place]);
        taken[place] = true;
      }
    }
  }

  @Test
  void everyNumberIsAsLikelyInEveryPlace() {
    assertFair(key -> key.permutation(6));
    assertFair(key -> IntStream.range(0, 6).map(i -> (int) key.permuted(i, 6)).toArray());
  }

  private static void assertFair(Function<RandomKey, int[]> permutation) {
    int size = 6;
    int draws = 12_000;
    int[][] counts = new int[size][size];
    for (int draw = 0; draw < draws; draw++) {
      int[] order = permutation.apply(KEY.with(draw));
      for (int place = 0; place < size; place++) {
        counts[place][order[place]]++;
      }
    }
    double expected = (double) draws / size;
    double chiSquare = 0;
    for (int[] row : counts) {
      for (int count : row) {
        chiSquare += (count - expected) * (count - expected) / expected;
      }
    }
    // 25 degrees of freedom: 99.9 % of fair draws stay below 52.6.
    assertTrue(chiSquare < 52.6, "chi square is " + chiSquare);
  }

  @Test
  void purposesSeedsAndCountersGiveDifferentStreams() {
    Set<Long> seen = new HashSet<>();
    for (long seed = -2; seed <= 2; seed++) {
      for (RandomKey.Purpose purpose : RandomKey.Purpose.values()) {
        for (int counter = 0; counter < 50; counter++) {
          assertTrue(seen.add(RandomKey.of(seed, purpose).with(counter).state()));
        }
      }
    }
    assertNotEquals(KEY.with(1).with(2), KEY.with(2).with(1));
  }
}
