package convoy.engine.optimizer;

/** Ranges that the settings of several optimizers share. */
final class Ranges {
  private Ranges() {}

  static void positive(String name, double value) {
    if (!(value > 0 && (float) value > 0 && (float) value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", wanted a number above 0 within the range of a float");
    }
  }

  static void belowOne(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted 0 or more and below 1");
    }
  }
}
