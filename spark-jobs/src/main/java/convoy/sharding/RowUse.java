package convoy.sharding;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * What becomes of the rows of a training split: those that are kept for validation and those that
 * are left out; all others are trained on.
 *
 * @param validation their ids, rising
 * @param unused likewise
 */
public record RowUse(long[] validation, long[] unused) {

  /**
   * Of some rows.
   *
   * @param heldOut which images are kept for validation
   * @param training which of the others are trained on
   */
  static RowUse of(Iterator<LabelledImage> rows, HeldOut heldOut, TrainingRows training) {
    Ids validation = new Ids(), unused = new Ids();
    while (rows.hasNext()) {
      LabelledImage row = rows.next();
      if (heldOut.has(row)) {
        validation.add(row.id());
      } else if (!training.has(row.id())) {
        unused.add(row.id());
      }
    }
    return new RowUse(validation.rising(), unused.rising());
  }

  /** Of all rows of {@code parts}. */
  static RowUse together(List<RowUse> parts) {
    Ids validation = new Ids(), unused = new Ids();
    for (RowUse part : parts) {
      Arrays.stream(part.validation()).forEach(validation::add);
      Arrays.stream(part.unused()).forEach(unused::add);
    }
    return new RowUse(validation.rising(), unused.rising());
  }

  boolean isValidation(long id) {
    return Arrays.binarySearch(validation, id) >= 0;
  }

  boolean isUnused(long id) {
    return Arrays.binarySearch(unused, id) >= 0;
  }

  /** How many rows of its own use come before row {@code id}. */
  long rank(long id) {
    int amongValidation = Arrays.binarySearch(validation, id);
    if (amongValidation >= 0) {
      return amongValidation;
    }
    int amongUnused = Arrays.binarySearch(unused, id);
    return id - (-amongValidation - 1) - (-amongUnused - 1);
  }

  /** A growing list of ids. */
  private static final class Ids {
    private long[] ids = new long[16];
    private int count;

    void add(long id) {
      if (count == ids.length) {
        ids = Arrays.copyOf(ids, 2 * count);
      }
      ids[count++] = id;
    }

    long[] rising() {
      long[] rising = Arrays.copyOf(ids, count);
      Arrays.sort(rising);
      return rising;
    }
  }
}
