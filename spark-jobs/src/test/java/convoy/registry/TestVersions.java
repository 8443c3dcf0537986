package convoy.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import convoy.averaging.TestData;
import convoy.dataprep.Fingerprint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import java.io.IOException;
import java.util.List;

/** Small models for registries. */
final class TestVersions {
  static final NetworkSpec NETWORK = TestData.network().withClassNames(TestData.CLASSES);

  private TestVersions() {}

  /** Adds a version with the initial weights that {@code seed} gives; its number. */
  static long add(Registry registry, long seed, long parent) throws IOException {
    return add(registry, seed, parent, new Decision(true, List.of("better"))).version();
  }

  /** Adds a version as above of which this was decided. */
  static Version add(Registry registry, long seed, long parent, Decision decision)
      throws IOException {
    JsonNodeFactory json = JsonNodeFactory.instance;
    Version.Training training =
        new Version.Training(
            "run",
            "scratch",
            0,
            List.of(),
            1,
            1,
            json.objectNode().put("epochs", 1),
            PromotionRule.DEFAULT,
            decision);
    Model model = new Model(NETWORK, Parameters.initial(NETWORK.layout(), seed));
    return registry.add(
        model,
        number ->
            new Version(
                Version.FORMAT_VERSION,
                number,
                parent,
                Registry.now(),
                Registry.now(),
                NETWORK.name(),
                WeightsDigest.of(model.parameters()),
                new Version.Data("data", Fingerprint.ZERO, List.of()),
                training,
                json.objectNode().put("accuracy", 0.5),
                json.objectNode(),
                json.objectNode(),
                json.objectNode().put("convoy", "1")));
  }
}
