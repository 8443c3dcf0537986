package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of two epochs and what it was trained on, to be evaluated.
 *
 * @param data a data set of 61 training and 37 test images
 * @param network its file
 * @param model the run
 */
record TrainedModel(String data, Path network, Path model) {

  /** Trains one in {@code folder}. */
  static TrainedModel in(Path folder) throws IOException {
    Files.createDirectories(folder);
    String data =
        TestData.dataset(TestSpark.local(2), folder.resolve("a"), 7, 61, 37).folder().toString();
    TestSpark.stop();
    Path model = folder.resolve("run");
    Path network = Files.writeString(folder.resolve("tiny.yaml"), TestData.NETWORK);
    JobCall call =
        JobCall.of(
            new TrainJob(),
            "--data",
            data,
            "--network",
            network.toString(),
            "--out",
            model.toString(),
            "--set",
            "epochs=2");
    assertEquals(0, call.status(), call.err());
    return new TrainedModel(data, network, model);
  }

  /** {@code first} and the trained model, under {@code view} and flipped. */
  JobCall evaluateTwo(String first, String view, String... more) {
    List<String> all = new ArrayList<>(List.of("--model", model.toString()));
    all.addAll(List.of("--view", view, "--view", "flip"));
    all.addAll(List.of(more));
    return evaluate(first, data, all.toArray(String[]::new));
  }

  static JobCall evaluate(String model, String data, String... more) {
    String[] arguments = new String[4 + more.length];
    System.arraycopy(new String[] {"--model", model, "--data", data}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return JobCall.of(new EvaluateJob(), arguments);
  }

  static void assertRefused(JobCall call, String part) {
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy evaluate: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
  }
}
