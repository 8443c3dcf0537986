package convoy.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The mistakes with the highest confidence, merged in any order; of equal ones the lowest ids. */
public final class Mistakes {
  /** How many are kept. */
  private static final int MOST = 24;

  private static final Comparator<Mistake> WORST_FIRST =
      Comparator.comparingDouble(Mistake::confidence).reversed().thenComparingLong(Mistake::id);

  private final List<Mistake> worst = new ArrayList<>();

  void add(Mistake mistake) {
    if (worst.size() == MOST && WORST_FIRST.compare(worst.get(MOST - 1), mistake) <= 0) {
      return;
    }
    worst.add(mistake);
    worst.sort(WORST_FIRST);
    if (worst.size() > MOST) {
      worst.remove(MOST);
    }
  }

  void merge(Mistakes other) {
    other.worst.forEach(this::add);
  }

  /** The worst first. */
  public List<Mistake> list() {
    return List.copyOf(worst);
  }
}
