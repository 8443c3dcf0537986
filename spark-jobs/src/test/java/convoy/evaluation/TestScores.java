package convoy.evaluation;

/**
 * Scores of four images: three of class 0, one of class 1, all taken for class 0; but models after
 * the first take all but the first image for class 1 in the first column.
 */
public final class TestScores {
  private TestScores() {}

  /** Of no image, of one model and column. */
  public static Scores none(int classes) {
    return new Scores(1, 1, classes);
  }

  public static Scores of(int models, int columns, int classes) {
    Scores scores = new Scores(models, columns, classes);
    for (int image = 0; image < 4; image++) {
      int label = image == 3 ? 1 : 0;
      boolean[] right = new boolean[models];
      for (int column = 0; column < columns; column++) {
        for (int m = 0; m < models; m++) {
          int answer = m > 0 && column == 0 && image > 0 ? 1 : 0;
          float[] outputs = new float[classes];
          double[] probabilities = new double[classes];
          outputs[answer] = 1;
          probabilities[answer] = 0.9;
          probabilities[1 - answer] = 0.1;
          double loss = label == answer ? 0.5 : 2.5;
          right[m] = scores.card(m, column).add(label, outputs, 0, loss, probabilities) == label;
        }
        scores.addPairs(label, column, right);
      }
    }
    return scores;
  }
}
