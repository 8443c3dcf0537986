package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.evaluation.Scores;
import convoy.evaluation.TestScores;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationTableTest {
  private static final List<String> CLASSES = List.of("cat", "hedgehog");

  @Test
  void columnsLineUp() {
    EvaluationResult result =
        new EvaluationResult(
            List.of("m"), List.of("clean"), CLASSES, TestScores.of(1, 1, 2), 1234.5);
    assertEquals(
        List.of(
            "4 images  loss 1.0000  accuracy 75.00%  top-5 100.00%  1235 images/s",
            "accuracy lies in 30.06..95.44% with 95 % confidence  Brier score 0.4200  calibration"
                + " error 0.1500",
            "",
            "class     images  precision   recall      F1  ROC AUC  average precision",
            "cat            3     75.00%  100.00%  85.71%   0.5000             0.7500",
            "hedgehog       1      0.00%    0.00%   0.00%   0.5000             0.2500",
            "macro                37.50%   50.00%  42.86%",
            "weighted             56.25%   75.00%  64.29%",
            "",
            "confusion matrix: a row for each class, a column for each predicted class",
            "cat       3  0",
            "hedgehog  1  0"),
        EvaluationTable.lines(result));
  }

  @Test
  void whatShouldNotBeIsTold() {
    Scores scores = TestScores.of(1, 1, 2);
    scores.card(0, 0).add(1, new float[] {0, Float.NaN}, 0, Double.NaN, new double[2]);
    List<String> lines =
        EvaluationTable.lines(
            new EvaluationResult(List.of("m"), List.of("grey"), CLASSES, scores, 1));
    assertEquals("m, grey", lines.get(0));
    assertTrue(lines.get(1).startsWith("5 images  loss "), lines.get(1));
    assertEquals("1 images have an output that is no number: they count as wrong", lines.get(3));
    assertEquals("1 losses are above 65,536 or no number: they count as 65,536", lines.get(4));
  }

  @Test
  void modelsAndViewsHaveALineEachAndAreCompared() {
    EvaluationResult result =
        new EvaluationResult(
            List.of("runs/a", "runs/b"),
            List.of("clean", "flip"),
            CLASSES,
            TestScores.of(2, 2, 2),
            1);
    List<String> lines = EvaluationTable.lines(result);
    int table = lines.indexOf("") + 1;
    while (!lines.get(table).startsWith("model ")) {
      table++;
    }
    assertTrue(lines.get(table + 1).startsWith("runs/a  clean    75.00%  30.06..95.44%  1.0000"));
    assertTrue(lines.get(table + 3).startsWith("runs/b  clean    50.00%"), lines.get(table + 3));
    assertTrue(lines.get(table + 4).startsWith("runs/b  flip     75.00%"), lines.get(table + 4));
    assertEquals(
        List.of(
            "runs/b against runs/a, clean: alone right 1 to 2, McNemar's test p = 1.00",
            "images gained: cat -2 hedgehog +1",
            "",
            "runs/b against runs/a, flip: alone right 0 to 0, McNemar's test p = 1.00",
            "images gained:"),
        lines.subList(lines.size() - 5, lines.size()));
  }

  @Test
  void probabilitiesThatAreNoneHaveNoMeasure() {
    Scores none = TestScores.none(2);
    none.card(0, 0).add(1, new float[] {0, Float.NaN}, 0, Double.NaN, new double[2]);
    List<String> lines =
        EvaluationTable.lines(
            new EvaluationResult(List.of("m"), List.of("clean"), CLASSES, none, 1));
    assertTrue(lines.get(1).endsWith("Brier score -  calibration error -"), lines.get(1));
  }

  @Test
  void aMatrixTooWideForATerminalIsLeftOut() {
    List<String> classes = IntStream.range(0, 21).mapToObj(i -> "class" + i).toList();
    EvaluationResult result =
        new EvaluationResult(List.of("m"), List.of("clean"), classes, TestScores.of(1, 1, 21), 1);
    List<String> lines = EvaluationTable.lines(result);
    assertFalse(lines.stream().anyMatch(line -> line.startsWith("confusion matrix")));
    assertTrue(lines.get(lines.size() - 1).startsWith("weighted "), lines.toString());
  }
}
