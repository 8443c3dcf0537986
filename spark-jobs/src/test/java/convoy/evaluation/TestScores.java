package convoy.evaluation;

/** Scores of four images: three of class 0, one of class 1, all taken for class 0. */
public final class TestScores {
  private TestScores() {}

  /** The same for all models and columns. */
  public static Scores of(int models, int columns, int classes) {
    Scores scores = new Scores(models, columns, classes);
    float[] outputs = new float[classes];
    double[] probabilities = new double[classes];
    outputs[0] = 1;
    probabilities[0] = 0.9;
    probabilities[1] = 0.1;
    for (int image = 0; image < 4; image++) {
      int label = image == 3 ? 1 : 0;
      boolean[] right = new boolean[models];
      for (int column = 0; column < columns; column++) {
        for (int m = 0; m < models; m++) {
          double loss = label == 0 ? 0.5 : 2.5;
          right[m] = scores.card(m, column).add(label, outputs, 0, loss, probabilities) == label;
        }
        scores.addPairs(label, column, right);
      }
    }
    return scores;
  }
}
