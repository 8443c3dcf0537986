package convoy.engine.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN =
      List.of("shards", "epochs", "batchSize", "learningRate", "residual", "residual-pool");

  @Test
  void caseCostsNothing() {
    assertEquals(Optional.of("batchSize"), NearestName.of("batchsize", KNOWN));
    assertEquals(Optional.of("batchSize"), NearestName.of("BATCHSIZE", KNOWN));
  }

  @Test
  void missingExtraChangedAndSwappedLettersAreNear() {
    assertEquals(Optional.of("epochs"), NearestName.of("epoch", KNOWN));
    assertEquals(Optional.of("epochs"), NearestName.of("eppochs", KNOWN));
    assertEquals(Optional.of("epochs"), NearestName.of("epachs", KNOWN));
    assertEquals(Optional.of("epochs"), NearestName.of("epcohs", KNOWN));
  }

  @Test
  void beginningsAndInitialsAreNear() {
    assertEquals(Optional.of("learningRate"), NearestName.of("learn", KNOWN));
    assertEquals(Optional.of("learningRate"), NearestName.of("lr", KNOWN));
    assertEquals(Optional.of("residual-pool"), NearestName.of("rp", KNOWN));
  }

  @Test
  void nearestOfSeveralIsTaken() {
    assertEquals(Optional.of("residual"), NearestName.of("residul", KNOWN));
    assertEquals(Optional.of("residual-pool"), NearestName.of("residual_pool", KNOWN));
  }

  @Test
  void swapOfNeighboursIsOneChange() {
    assertEquals(1, NearestName.distance("shards", "shadrs"));
    assertEquals(3, NearestName.distance("kitten", "sitting"));
  }

  @Test
  void messageListsKnownNamesWhereNoneIsNear() {
    assertEquals(
        "unknown key batchsize; did you mean batchSize?",
        NearestName.message("key", "batchsize", KNOWN));
    assertEquals(
        "unknown network xyzzy; wanted plain, small",
        NearestName.message("network", "xyzzy", List.of("plain", "small")));
  }
}
