package convoy.engine.checkpoint;

import static convoy.engine.checkpoint.TestCheckpoints.NETWORK;
import static convoy.engine.checkpoint.TestCheckpoints.checkpoint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import convoy.engine.network.Parameters;
import org.junit.jupiter.api.Test;

class WeightsDigestTest {

  /** The digest is printed by engine/src/test/python/weights_digest_golden.py. */
  @Test
  void digestIsAsDocumented() {
    Parameters parameters = Parameters.initial(NETWORK.layout(), 0);
    for (int i = 0; i < 83; i++) {
      parameters.values()[i] = i / 8f - 5;
    }
    assertEquals(
        "0ad73e2fff97e428b98ecf5efcfd4aeef1ff8e060a256de8a3c84fdd39cd42af",
        WeightsDigest.of(parameters));
  }

  @Test
  void digestDependsOnEachValue() {
    Parameters parameters = checkpoint("seed=0").model().parameters();
    String digest = WeightsDigest.of(parameters);
    for (int i = 0; i < parameters.values().length; i++) {
      float value = parameters.values()[i];
      parameters.values()[i] = Math.nextUp(value);
      assertNotEquals(digest, WeightsDigest.of(parameters));
      parameters.values()[i] = value;
    }
    assertEquals(digest, WeightsDigest.of(parameters));
  }
}
