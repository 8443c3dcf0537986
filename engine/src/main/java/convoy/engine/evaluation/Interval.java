package convoy.engine.evaluation;

/**
 * Where a share lies with 95 % confidence.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) {
  /** The 97.5 % quantile of the normal distribution. */
  private static final double Z = 1.959963984540054;

  /**
   * The interval of a share of which {@code part} of {@code whole} were seen: Wilson, "Probable
   * Inference, the Law of Succession, and Statistical Inference", 1927. From 0 to 1 if nothing was.
   */
  public static Interval of(long part, long whole) {
    if (whole == 0) {
      return new Interval(0, 1);
    }
    double share = (double) part / whole;
    double square = Z * Z / whole;
    double middle = (share + square / 2) / (1 + square);
    double half = Z * Math.sqrt(share * (1 - share) / whole + square / (4 * whole)) / (1 + square);
    return new Interval(part == 0 ? 0 : middle - half, part == whole ? 1 : middle + half);
  }
}
