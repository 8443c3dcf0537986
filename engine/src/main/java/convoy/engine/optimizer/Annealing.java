package convoy.engine.optimizer;

/** How a value goes from one number to another. */
public enum Annealing {
  /** Along half a cosine wave: to + (from - to) (1 + cos(pi s)) / 2. */
  COSINE {
    @Override
    double between(double from, double to, double s) {
      return to + (from - to) / 2 * (1 + StrictMath.cos(Math.PI * s));
    }
  },
  /** Along a line: from + (to - from) s. */
  LINEAR {
    @Override
    double between(double from, double to, double s) {
      return from + (to - from) * s;
    }
  };

  /** The value after the share {@code s}, from 0 to 1, of the way. */
  abstract double between(double from, double to, double s);
}
