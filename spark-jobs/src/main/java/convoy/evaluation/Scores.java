package convoy.evaluation;

import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.evaluation.Scorecard;
import java.util.ArrayList;
import java.util.List;

/**
 * The measures of all models under all columns, of each pair of models the paired answers, and of
 * each model the worst mistakes under the first column. Merged in any order.
 */
public final class Scores {
  private final int models;
  private final int columns;

  /** By model and, fastest, by column. */
  private final List<Scorecard> cards = new ArrayList<>();

  /** Of each two models, by the first, the second and, fastest, by column. */
  private final List<PairedAnswers> pairs = new ArrayList<>();

  private final List<Mistakes> mistakes = new ArrayList<>();
  private long unlabelled;

  Scores(int models, int columns, int classes) {
    this.models = models;
    this.columns = columns;
    for (int i = 0; i < models * columns; i++) {
      cards.add(new Scorecard(classes));
    }
    for (int i = 0; i < models; i++) {
      mistakes.add(new Mistakes());
    }
    for (int i = 0; i < models * (models - 1) / 2 * columns; i++) {
      pairs.add(new PairedAnswers(classes));
    }
  }

  /** Counts an image without a label. */
  void addUnlabelled() {
    unlabelled++;
  }

  /** Counts for each pair of models whether they were right under {@code column}. */
  void addPairs(int label, int column, boolean[] right) {
    for (int first = 0; first < models; first++) {
      for (int second = first + 1; second < models; second++) {
        pair(first, second, column).add(label, right[first], right[second]);
      }
    }
  }

  void merge(Scores other) {
    unlabelled += other.unlabelled;
    for (int i = 0; i < cards.size(); i++) {
      cards.get(i).merge(other.cards.get(i));
    }
    for (int i = 0; i < models; i++) {
      mistakes.get(i).merge(other.mistakes.get(i));
    }
    for (int i = 0; i < pairs.size(); i++) {
      pairs.get(i).merge(other.pairs.get(i));
    }
  }

  /** The measures of one model under one column. */
  public Scorecard card(int model, int column) {
    return cards.get(model * columns + column);
  }

  /** The answers of two models, {@code first} before {@code second}, under one column. */
  public PairedAnswers pair(int first, int second, int column) {
    // The pairs of the models before it, and the second's place among its own.
    int pair = first * models - first * (first + 1) / 2 + second - first - 1;
    return pairs.get(pair * columns + column);
  }

  /** The worst mistakes of one model under the first column. */
  public Mistakes mistakes(int model) {
    return mistakes.get(model);
  }

  /** All images, with and without a label. */
  public long images() {
    return unlabelled + labelled();
  }

  /** Images with a label, of which the measures are. */
  public long labelled() {
    return card(0, 0).evaluation().images();
  }

  /** Images without a label, which have no part in the measures. */
  public long unlabelled() {
    return unlabelled;
  }
}
