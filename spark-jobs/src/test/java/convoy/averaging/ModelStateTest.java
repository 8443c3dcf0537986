package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ModelStateTest {
  private final ModelState state =
      new ModelState(new float[] {0, 1, 2, 3}, new float[][] {{4, 5}, {}, {6, 7, 8}});

  @Test
  void parametersAndSlotsAreOneRow() {
    assertEquals(9, state.size());
    assertEquals(36, state.sizeBytes());
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, state.slice(0, 9));
  }

  @Test
  void slicesReachOverTheBordersOfArrays() {
    for (int from = 0; from < 9; from++) {
      for (int size = 0; from + size <= 9; size++) {
        float[] expected = new float[size];
        for (int i = 0; i < size; i++) {
          expected[i] = from + i;
        }
        assertArrayEquals(expected, state.slice(from, size));
      }
    }
  }

  @Test
  void aWrittenSliceChangesItsFloatsAlone() {
    for (int from = 0; from < 9; from++) {
      for (int size = 0; from + size <= 9; size++) {
        ModelState blank = state.blank();
        blank.setSlice(from, state.slice(from, size));
        float[] expected = new float[9];
        for (int i = from; i < from + size; i++) {
          expected[i] = i;
        }
        assertArrayEquals(expected, blank.slice(0, 9));
      }
    }
  }

  @Test
  void blankHasTheSameSizes() {
    ModelState blank = state.blank();
    assertEquals(4, blank.parameters().length);
    assertEquals(3, blank.slots().length);
    assertArrayEquals(new float[9], blank.slice(0, 9));
    assertArrayEquals(new float[] {0, 1, 2, 3}, state.parameters(), "untouched");
  }
}
