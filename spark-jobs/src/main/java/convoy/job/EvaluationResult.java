package convoy.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.evaluation.Scorecard;
import convoy.evaluation.Scores;
import java.util.List;

/**
 * What an evaluation gave.
 *
 * @param models as they were named on the command line
 * @param columns the views, and "mean" for the mean of all
 * @param classes their names
 * @param scores what was counted
 * @param imagesPerSecond images of the data set, each counted once whatever models and views
 */
record EvaluationResult(
    List<String> models,
    List<String> columns,
    List<String> classes,
    Scores scores,
    double imagesPerSecond) {

  /**
   * As JSON: the keys of {@link Scorecard#toTree} for the first model under the first view, and
   * their names as "model" and "view", and unlabelledImages, which have no part in the measures;
   * with several models or views also "models", for each of them its name as "model" and its
   * "views", with the same keys and "view"; with several models also "comparisons": for each two of
   * them and each view first, second, view and the keys of {@link PairedAnswers#toTree}. If no
   * image has a label there are no measures, no "models" and no "comparisons".
   */
  ObjectNode toTree() {
    if (scores.labelled() == 0) {
      ObjectNode tree = JsonNodeFactory.instance.objectNode();
      return describe(tree.put("images", 0).put("imagesPerSecond", imagesPerSecond));
    }
    ObjectNode tree = describe(scores.card(0, 0).toTree(classes, imagesPerSecond));
    if (models.size() * columns.size() > 1) {
      ArrayNode all = tree.putArray("models");
      for (int m = 0; m < models.size(); m++) {
        ObjectNode model = all.addObject().put("model", models.get(m));
        ArrayNode views = model.putArray("views");
        for (int column = 0; column < columns.size(); column++) {
          ObjectNode view = views.addObject().put("view", columns.get(column));
          view.setAll(scores.card(m, column).toTree(classes, imagesPerSecond));
        }
      }
    }
    if (models.size() > 1) {
      ArrayNode comparisons = tree.putArray("comparisons");
      for (int first = 0; first < models.size(); first++) {
        for (int second = first + 1; second < models.size(); second++) {
          for (int column = 0; column < columns.size(); column++) {
            compare(first, second, column, comparisons.addObject());
          }
        }
      }
    }
    return tree;
  }

  private ObjectNode describe(ObjectNode tree) {
    tree.put("model", models.get(0)).put("view", columns.get(0));
    return tree.put("unlabelledImages", scores.unlabelled());
  }

  private void compare(int first, int second, int column, ObjectNode tree) {
    tree.put("first", models.get(first))
        .put("second", models.get(second))
        .put("view", columns.get(column))
        .setAll(scores.pair(first, second, column).toTree(classes));
  }
}
