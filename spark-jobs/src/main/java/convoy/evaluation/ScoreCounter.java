package convoy.evaluation;

import convoy.dataprep.ImageDataset;
import convoy.engine.evaluation.Probabilities;
import convoy.engine.layer.Layer;
import convoy.engine.loss.Loss;
import convoy.engine.network.NetworkSpec;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Counts scored images. */
final class ScoreCounter {
  /** How a model's outputs become a loss and probabilities. */
  private record Reading(Loss loss, Probabilities probabilities) {}

  private final List<Reading> readings = new ArrayList<>();
  private final int columns;
  private final double[] probabilities;
  private final Scores scores;

  ScoreCounter(ScoringPlan plan) {
    List<NetworkSpec> specs = plan.specs();
    for (NetworkSpec spec : specs) {
      Layer last = spec.lastLayer();
      readings.add(new Reading(Loss.evaluating(last), new Probabilities(last)));
    }
    columns = plan.columns().size();
    int classes = specs.get(0).outputs();
    probabilities = new double[classes];
    scores = new Scores(specs.size(), columns, classes);
  }

  void add(ScoredImage image) {
    if (image.label() == ImageDataset.NO_LABEL) {
      scores.addUnlabelled();
      return;
    }
    boolean[] right = new boolean[readings.size()];
    for (int column = 0; column < columns; column++) {
      for (int m = 0; m < right.length; m++) {
        right[m] = count(image, m, column);
      }
      scores.addPairs(image.label(), column, right);
    }
  }

  /** Counts the answer of one model under one column; whether it is right. */
  private boolean count(ScoredImage image, int model, int column) {
    Reading reading = readings.get(model);
    float[] outputs = image.outputs()[model][column];
    Tensor row = Tensor.dense(outputs, 0, Shape.flat(1, outputs.length));
    reading.probabilities().write(outputs, 0, probabilities);
    int label = image.label();
    double loss = reading.loss().loss(row, 0, label);
    int predicted = scores.card(model, column).add(label, outputs, 0, loss, probabilities);
    if (column == 0 && predicted >= 0 && predicted != label) {
      scores
          .mistakes(model)
          .add(new Mistake(image.id(), image.name(), label, predicted, probabilities[predicted]));
    }
    return predicted == label;
  }

  /** What was counted. */
  Scores scores() {
    return scores;
  }
}
