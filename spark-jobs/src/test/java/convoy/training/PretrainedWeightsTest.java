package convoy.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.checkpoint.Model;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PretrainedWeightsTest {
  private static final long SEED = 5;

  private static final NetworkSpec TRAINED =
      network(
          "[convolution: {filters: 2, kernel: 1}, batchNormalization: {}, flatten,"
              + " dense: {units: 3}]");

  @Test
  void statisticsAndFrozenParametersAreTakenAsWell() {
    NetworkSpec network =
        network(
            "[convolution: {filters: 2, kernel: 1, trainable: false}, batchNormalization:"
                + " {trainable: false}, relu, flatten, dense: {units: 5}]");
    PretrainedWeights found = PretrainedWeights.of(network, SEED, "model", model());
    Parameters initial = Parameters.initial(network.layout(), SEED);
    assertEquals(List.of("dense1/weights", "dense1/bias"), found.origin().initial());
    assertEquals(6, found.origin().taken().size());
    for (ParameterLayout.Entry entry : network.layout().entries()) {
      Parameters wanted =
          found.origin().initial().contains(entry.name()) ? initial : model().parameters();
      assertArrayEquals(
          values(wanted, entry.name()), values(found.parameters(), entry.name()), entry.name());
    }
  }

  @Test
  void theSameNetworkTakesAll() {
    PretrainedWeights found = PretrainedWeights.of(TRAINED, SEED, "model", model());
    assertArrayEquals(model().parameters().values(), found.parameters().values());
    assertEquals(List.of(), found.origin().initial());
  }

  /** The bias would fit, but belongs to other weights. */
  @Test
  void layersAreTakenWholeOrNotAtAll() {
    NetworkSpec network =
        network(
            "[convolution: {filters: 2, kernel: 2}, batchNormalization: {}, flatten,"
                + " dense: {units: 3}]");
    assertEquals(
        List.of("convolution1/weights", "convolution1/bias", "dense1/weights", "dense1/bias"),
        PretrainedWeights.of(network, SEED, "model", model()).origin().initial());
  }

  @Test
  void aFrozenLayerThatTheModelDoesNotHaveIsRefused() {
    NetworkSpec network =
        network(
            "[convolution: {filters: 2, kernel: 2, trainable: false}, batchNormalization: {},"
                + " flatten, dense: {units: 3}]");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> PretrainedWeights.of(network, SEED, "model", model()))
            .getMessage();
    assertTrue(message.startsWith("convolution1/weights does not train, and net has"), message);
  }

  @Test
  void aModelWithNothingInCommonIsRefused() {
    NetworkSpec network = network("[flatten, dense: {units: 7}]");
    assertThrows(
        IllegalArgumentException.class,
        () -> PretrainedWeights.of(network, SEED, "model", model()));
  }

  private static Model model() {
    float[] values = new float[TRAINED.layout().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = 100 + i;
    }
    return new Model(TRAINED, new Parameters(TRAINED.layout(), values));
  }

  private static NetworkSpec network(String layers) {
    return NetworkSpec.fromYaml(
        "test", "name: net\ninput: {height: 4, width: 4, channels: 3}\nlayers: " + layers + "\n");
  }

  private static float[] values(Parameters parameters, String name) {
    ParameterLayout.Entry entry = parameters.layout().entry(name);
    return Arrays.copyOfRange(parameters.values(), entry.offset(), entry.offset() + entry.size());
  }
}
