package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The measures of an evaluation, counted by tasks and merged, against those that follow from the
 * predictions that it writes, by the plain definition of each.
 */
class PredictionsAgreeTest {
  private static final double TOLERANCE = 1e-7;
  private static final double EXACT = 1e-12;
  private static final int BINS = 15;
  private static final int IMAGES = 37;
  private static final String NETWORK =
      """
      name: random
      input: {height: 32, width: 32, channels: 3}
      classes: [%s]
      layers:
        - scaling: {mean: 127, deviation: 32}
        - meanPooling: {window: 8}
        - flatten
        - dense: {units: 3}
      """
          .formatted(String.join(", ", TestData.CLASSES));
  private static final String SCHEMA =
      "id long, label int, model string, view string, predicted int, probabilities array<double>";

  /** What a model says of an image. */
  private record Answer(int label, int predicted, List<Double> probabilities) {
    boolean isRight() {
      return label == predicted;
    }

    double confidence() {
      return probabilities.get(predicted);
    }
  }

  @TempDir private static Path folder;
  private static JsonNode result;
  private static List<Row> rows;

  @BeforeAll
  static void evaluate() throws Exception {
    SparkSession spark = TestSpark.local(2);
    ImageDataset whole = TestData.dataset(spark, folder.resolve("whole"), 7, 5, IMAGES);
    String data =
        TestData.inFiles(spark, whole, folder.resolve("data"), Split.TEST, 5).folder().toString();
    TestSpark.stop();
    TestSpark.useLocal(2);
    Path json = folder.resolve("result.json"), predictions = folder.resolve("predictions");
    List<String> options = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      options.addAll(List.of("--model", model(seed).toString()));
    }
    options.addAll(List.of("--view", "gaussian-noise:0.3", "--view", "flip", "--mean-of-views"));
    options.addAll(List.of("--data", data));
    options.addAll(List.of("--predictions", predictions.toString(), "--json", json.toString()));
    JobCall call = JobCall.of(new EvaluateJob(), options.toArray(String[]::new));
    assertEquals(0, call.status(), call.err());
    result = JobCall.json(json);
    rows =
        TestSpark.local(2)
            .read()
            .schema(SCHEMA)
            .parquet(predictions.toString())
            .orderBy("id")
            .collectAsList();
  }

  /** A model that was never trained: which class it names depends on the image. */
  private static Path model(long seed) throws IOException {
    Random random = new Random(seed);
    float[] parameters = new float[48 * 3 + 3];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = (float) random.nextGaussian();
    }
    return TestModel.write(folder.resolve("model" + seed), NETWORK, parameters);
  }

  @AfterAll
  static void stop() {
    TestSpark.stop();
  }

  @Test
  void measuresOfEachModelAndViewFollowFromItsPredictions() {
    int compared = 0;
    for (JsonNode model : result.required("models")) {
      for (JsonNode view : model.required("views")) {
        List<Answer> answers =
            answers(model.get("model").textValue(), view.get("view").textValue());
        assertEquals(IMAGES, answers.size());
        double right = answers.stream().filter(Answer::isRight).count();
        assertEquals(right / IMAGES, number(view, "accuracy"), EXACT);
        assertInterval(right / IMAGES, view.required("accuracyInterval"));
        for (int k = 1; k <= 3; k++) {
          double top = view.required("topAccuracies").get(k - 1).doubleValue();
          assertEquals(topAccuracy(answers, k), top, EXACT);
        }
        assertEquals(loss(answers), number(view, "loss"), TOLERANCE);
        assertEquals(brierScore(answers), number(view, "brierScore"), TOLERANCE);
        assertEquals(calibrationError(answers), number(view, "calibrationError"), TOLERANCE);
        assertReliability(answers, view.required("reliability"));
        assertConfusion(answers, view.required("confusionMatrix"));
        double[] macro = new double[3], weighted = new double[3];
        for (int c = 0; c < 3; c++) {
          JsonNode own = view.required("classes").get(c);
          double resolution = number(own, "rocAucResolution") + TOLERANCE;
          assertEquals(rocAuc(answers, c), number(own, "rocAuc"), resolution);
          resolution = number(own, "averagePrecisionResolution") + TOLERANCE;
          assertEquals(averagePrecision(answers, c), number(own, "averagePrecision"), resolution);
          double[] measures = {precision(answers, c), recall(answers, c), f1(answers, c)};
          assertMeasures(measures, own);
          for (int i = 0; i < 3; i++) {
            macro[i] += measures[i] / 3;
            weighted[i] += measures[i] * number(own, "images") / IMAGES;
          }
        }
        assertMeasures(macro, view.required("macro"));
        assertMeasures(weighted, view.required("weighted"));
        assertNotEquals(macro[0], weighted[0], EXACT, "they show nothing");
        compared++;
      }
    }
    assertEquals(2 * 3, compared);
  }

  @Test
  void comparisonsFollowFromTheAnswersImageByImage() {
    List<JsonNode> models = new ArrayList<>();
    result.required("models").forEach(models::add);
    assertEquals(3, result.required("comparisons").size());
    int differing = 0;
    for (JsonNode comparison : result.required("comparisons")) {
      String view = comparison.get("view").textValue();
      List<Answer> first = answers(comparison.get("first").textValue(), view);
      List<Answer> second = answers(comparison.get("second").textValue(), view);
      int onlyFirst = 0, onlySecond = 0;
      for (int i = 0; i < first.size(); i++) {
        assertEquals(first.get(i).label(), second.get(i).label());
        onlyFirst += first.get(i).isRight() && !second.get(i).isRight() ? 1 : 0;
        onlySecond += second.get(i).isRight() && !first.get(i).isRight() ? 1 : 0;
      }
      assertEquals(onlyFirst, comparison.get("onlyFirst").asInt());
      assertEquals(onlySecond, comparison.get("onlySecond").asInt());
      assertEquals(mcNemar(onlyFirst, onlySecond), number(comparison, "pValue"), EXACT);
      for (int c = 0; c < 3; c++) {
        JsonNode own = comparison.required("classes").get(c);
        assertEquals(TestData.CLASSES.get(c), own.get("name").textValue());
        assertEquals(count(first, c, false), own.get("images").asLong());
        assertEquals(count(second, c, true) - count(first, c, true), own.get("gained").asLong());
        long gained = own.get("onlySecond").asLong() - own.get("onlyFirst").asLong();
        assertEquals(gained, own.get("gained").asLong());
        onlyFirst -= own.get("onlyFirst").asInt();
        differing += own.get("gained").asInt() != 0 ? 1 : 0;
      }
      assertEquals(0, onlyFirst, "of all classes");
    }
    assertTrue(differing > 0, "the models answer alike, which shows nothing");
  }

  private static long count(List<Answer> answers, int label, boolean rightAlone) {
    return answers.stream().filter(a -> a.label() == label && (a.isRight() || !rightAlone)).count();
  }

  /** Twice the probability that so few of so many fair coins, or fewer, show heads. */
  private static double mcNemar(int first, int second) {
    BigInteger ways = BigInteger.ZERO;
    BigInteger choose = BigInteger.ONE;
    int coins = first + second;
    for (int heads = 0; heads <= Math.min(first, second); heads++) {
      ways = ways.add(choose);
      choose =
          choose.multiply(BigInteger.valueOf(coins - heads)).divide(BigInteger.valueOf(heads + 1));
    }
    return Math.min(1, 2 * ways.doubleValue() / Math.pow(2, coins));
  }

  /** In the order of ids. */
  private static List<Answer> answers(String model, String view) {
    return rows.stream()
        .filter(row -> row.getAs("model").equals(model) && row.getAs("view").equals(view))
        .map(
            row ->
                new Answer(
                    row.getAs("label"),
                    row.getAs("predicted"),
                    row.getList(row.fieldIndex("probabilities"))))
        .toList();
  }

  private static double loss(List<Answer> answers) {
    return answers.stream()
        .mapToDouble(answer -> -Math.log(answer.probabilities().get(answer.label())))
        .average()
        .orElseThrow();
  }

  /** Wilson's, whose ends lie 1.96 of their own standard deviations from the share. */
  private static void assertInterval(double share, JsonNode interval) {
    for (JsonNode end : interval) {
      double p = end.doubleValue(), deviation = Math.sqrt(p * (1 - p) / IMAGES);
      assertEquals(1.959964, Math.abs(share - p) / deviation, 1e-5);
    }
    assertTrue(interval.get(0).doubleValue() < share && share < interval.get(1).doubleValue());
  }

  private static double topAccuracy(List<Answer> answers, int k) {
    double among = 0;
    for (Answer answer : answers) {
      double own = answer.probabilities().get(answer.label());
      among += answer.probabilities().stream().filter(p -> p > own).count() < k ? 1 : 0;
    }
    return among / answers.size();
  }

  private static void assertReliability(List<Answer> answers, JsonNode bins) {
    assertEquals(BINS, bins.size());
    for (JsonNode bin : bins) {
      double from = number(bin, "from"), to = number(bin, "to");
      assertEquals(1.0 / BINS, to - from, EXACT);
      List<Answer> own =
          answers.stream().filter(a -> a.confidence() > from && a.confidence() <= to).toList();
      assertEquals(own.size(), number(bin, "images"));
      double right = own.stream().filter(Answer::isRight).count();
      assertEquals(right / Math.max(1, own.size()), number(bin, "accuracy"), EXACT);
      double confidence = own.stream().mapToDouble(Answer::confidence).average().orElse(0);
      assertEquals(confidence, number(bin, "confidence"), TOLERANCE);
    }
  }

  private static void assertMeasures(double[] measures, JsonNode tree) {
    assertEquals(measures[0], number(tree, "precision"), EXACT);
    assertEquals(measures[1], number(tree, "recall"), EXACT);
    assertEquals(measures[2], number(tree, "f1"), EXACT);
  }

  /** The harmonic mean of both. */
  private static double f1(List<Answer> answers, int c) {
    double precision = precision(answers, c), recall = recall(answers, c);
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }

  private static double precision(List<Answer> answers, int c) {
    List<Answer> taken = answers.stream().filter(answer -> answer.predicted() == c).toList();
    double right = taken.stream().filter(Answer::isRight).count();
    return right / Math.max(1, taken.size());
  }

  private static double recall(List<Answer> answers, int c) {
    List<Answer> own = answers.stream().filter(answer -> answer.label() == c).toList();
    double right = own.stream().filter(Answer::isRight).count();
    return right / Math.max(1, own.size());
  }

  /** The mean, over the images of the class, of the precision at the threshold of each. */
  private static double averagePrecision(List<Answer> answers, int c) {
    double sum = 0, count = 0;
    for (Answer own : answers) {
      if (own.label() == c) {
        double threshold = own.probabilities().get(c);
        List<Answer> above =
            answers.stream().filter(a -> a.probabilities().get(c) >= threshold).toList();
        double belonging = above.stream().filter(answer -> answer.label() == c).count();
        sum += belonging / above.size();
        count++;
      }
    }
    return sum / count;
  }

  private static double brierScore(List<Answer> answers) {
    double sum = 0;
    for (Answer answer : answers) {
      for (int c = 0; c < 3; c++) {
        double off = answer.probabilities().get(c) - (c == answer.label() ? 1 : 0);
        sum += off * off;
      }
    }
    return sum / answers.size();
  }

  private static double calibrationError(List<Answer> answers) {
    double error = 0;
    for (int bin = 0; bin < BINS; bin++) {
      double from = (double) bin / BINS, to = (bin + 1.0) / BINS;
      List<Answer> own =
          answers.stream().filter(a -> a.confidence() > from && a.confidence() <= to).toList();
      double right = own.stream().filter(Answer::isRight).count();
      error += Math.abs(right - own.stream().mapToDouble(Answer::confidence).sum());
    }
    return error / answers.size();
  }

  /** Over all pairs of an image of the class and one of another. */
  private static double rocAuc(List<Answer> answers, int c) {
    double ahead = 0, pairs = 0;
    for (Answer own : answers) {
      for (Answer other : answers) {
        if (own.label() == c && other.label() != c) {
          int order = own.probabilities().get(c).compareTo(other.probabilities().get(c));
          ahead += order > 0 ? 1 : order == 0 ? 0.5 : 0;
          pairs++;
        }
      }
    }
    return ahead / pairs;
  }

  private static void assertConfusion(List<Answer> answers, JsonNode matrix) {
    for (int label : IntStream.range(0, 3).toArray()) {
      for (int predicted : IntStream.range(0, 3).toArray()) {
        long count =
            answers.stream().filter(a -> a.label() == label && a.predicted() == predicted).count();
        assertEquals(count, matrix.get(label).get(predicted).asLong());
      }
    }
  }

  private static double number(JsonNode tree, String key) {
    return tree.required(key).doubleValue();
  }
}
