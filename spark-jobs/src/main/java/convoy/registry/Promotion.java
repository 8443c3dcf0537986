package convoy.registry;

/**
 * That a version became the champion: promotions/&lt;number&gt;.json. Its record components are the
 * keys.
 *
 * @param number of the promotion, from 1; the one with the highest number counts
 * @param parent the promotion that it followed, which was the highest then; 0 for the first
 * @param version the champion from then on
 * @param kind whether it is a promotion or a return to an earlier champion
 * @param reason why, for people
 * @param created when, as ISO 8601 in UTC
 */
public record Promotion(
    long number, long parent, long version, Kind kind, String reason, String created) {

  /** How a version became the champion. */
  public enum Kind {
    /** It was promoted. */
    PROMOTION,
    /** An earlier champion came back. */
    ROLLBACK
  }

  public Promotion {
    if (number < 1 || parent != number - 1 || version < 1) {
      throw new IllegalArgumentException(
          "promotion "
              + number
              + " of version "
              + version
              + " after "
              + parent
              + ", wanted a version from 1 on and the promotion before it");
    }
  }
}
