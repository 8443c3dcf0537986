package convoy.engine.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a mistyped one was probably meant to be. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name nearest to {@code name}, where one is near: at most a third of the letters (and
   * at least one) changed, put in, left out or swapped with their neighbour, or one name the
   * beginning of the other, or the initials of its words (lr for learningRate). Case costs nothing.
   * Of equally near names the first one is taken.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    String nearest = null;
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(lower(name), lower(candidate));
      boolean near = distance <= Math.max(1, Math.max(name.length(), candidate.length()) / 3);
      if ((near || isShort(name, candidate)) && distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /**
   * One line about an unknown name: "unknown key batchsize; did you mean batchSize?", or the list
   * of known names where none is near.
   *
   * @param what what the name should have named: "key", "network", "option"
   */
  public static String message(String what, String name, Collection<String> known) {
    return "unknown "
        + what
        + " "
        + name
        + of(name, known)
            .map(nearest -> "; did you mean " + nearest + "?")
            .orElse("; wanted " + (known.isEmpty() ? "none" : String.join(", ", known)));
  }

  private static boolean isShort(String name, String candidate) {
    String a = lower(name);
    String b = lower(candidate);
    String initials = lower(candidate.replaceAll("(?<!^|-)[a-z0-9]|-", ""));
    if (initials.length() > 1 && a.equals(initials)) {
      return true;
    }
    return Math.min(a.length(), b.length()) >= 3 && (a.startsWith(b) || b.startsWith(a));
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Changes, insertions, deletions and swaps of neighbours that lead from one name to another. */
  static int distance(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          least = Math.min(least, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = least;
      }
    }
    return cost[from.length()][to.length()];
  }
}
