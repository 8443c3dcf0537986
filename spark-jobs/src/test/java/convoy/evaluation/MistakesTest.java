package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MistakesTest {
  private static final int KEPT = 24;

  /** Confidences fall from 1 in steps that two ids each share. */
  private static List<Mistake> mistakes(int count) {
    List<Mistake> all = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      all.add(new Mistake(id, "", 0, 1, 1 - id / 2 / 100.0));
    }
    return all;
  }

  @Test
  void mostConfidentAreKeptAndOfEqualOnesTheLowestIds() {
    List<Mistake> all = mistakes(61);
    List<Mistake> expected = List.copyOf(all.subList(0, KEPT));
    for (int seed = 0; seed < 20; seed++) {
      Collections.shuffle(all, new Random(seed));
      Mistakes mistakes = new Mistakes();
      all.forEach(mistakes::add);
      assertEquals(expected, mistakes.list());
    }
  }

  @Test
  void partsMergedInAnyOrderAreTheWhole() {
    List<Mistake> all = mistakes(61);
    List<Mistake> expected = List.copyOf(all.subList(0, KEPT));
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<Mistakes> parts = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        parts.add(new Mistakes());
      }
      all.forEach(mistake -> parts.get(random.nextInt(parts.size())).add(mistake));
      Collections.shuffle(parts, random);
      Mistakes merged = new Mistakes();
      parts.forEach(merged::merge);
      assertEquals(expected, merged.list());
    }
  }

  @Test
  void fewerAreAllKept() {
    Mistakes mistakes = new Mistakes();
    assertEquals(List.of(), mistakes.list());
    mistakes(3).forEach(mistakes::add);
    assertEquals(mistakes(3), mistakes.list());
  }
}
