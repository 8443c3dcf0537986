package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.evaluation.Evaluation;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationTableTest {
  @Test
  void columnsLineUp() {
    Evaluation evaluation = new Evaluation(2);
    for (int i = 0; i < 3; i++) {
      evaluation.add(0, new float[] {1, 0}, 0, 0.5);
    }
    evaluation.add(1, new float[] {1, 0}, 0, 2.5);
    assertEquals(
        List.of(
            "4 images  loss 1.0000  accuracy 75.00%  top-5 100.00%  1235 images/s",
            "",
            "class     images  precision  recall      F1",
            "cat            3     75.00% 100.00%  85.71%",
            "hedgehog       1      0.00%   0.00%   0.00%",
            "",
            "confusion matrix: a row for each class, a column for each predicted class",
            "cat          3     0",
            "hedgehog     1     0"),
        EvaluationTable.lines(evaluation, List.of("cat", "hedgehog"), 1234.5));
  }

  @Test
  void aMatrixTooWideForATerminalIsLeftOut() {
    List<String> classes = IntStream.range(0, 21).mapToObj(i -> "class" + i).toList();
    List<String> lines = EvaluationTable.lines(new Evaluation(21), classes, 1);
    assertFalse(lines.stream().anyMatch(line -> line.startsWith("confusion matrix")));
    assertTrue(lines.get(lines.size() - 1).startsWith("class20 "), lines.toString());
  }
}
