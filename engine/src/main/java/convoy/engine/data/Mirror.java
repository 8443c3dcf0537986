package convoy.engine.data;

/** Where the pixels beyond an image's border come from. */
final class Mirror {
  private Mirror() {}

  /**
   * The place within [0, size) that mirrors at the first and the last place show at {@code i}: the
   * two are not repeated.
   *
   * @param i a row or a column, however far outside
   * @param size rows or columns of the image; 1 or more
   */
  static int place(int i, int size) {
    if (size == 1) {
      return 0;
    }
    int period = 2 * (size - 1);
    int place = Math.floorMod(i, period);
    return Math.min(place, period - place);
  }
}
