package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PoolTest {
  private static final class Thing implements Pool.Closeable {
    private boolean closed;

    @Override
    public void close() {
      closed = true;
    }
  }

  private final Pool<String, Thing> pool = new Pool<>("one");

  @Test
  void whatWasGivenBackIsTakenAgain() {
    Thing thing = pool.take("a", Thing::new);
    pool.giveBack("a", thing);
    assertSame(thing, pool.take("a", Thing::new));
  }

  @Test
  void whatIsInUseIsNotGivenToAnother() {
    Thing thing = pool.take("a", Thing::new);
    assertNotSame(thing, pool.take("a", Thing::new));
    assertFalse(thing.closed);
  }

  @Test
  void idleThingsOfAnotherKeyAreClosed() {
    Thing inUse = pool.take("a", Thing::new);
    Thing idle = pool.take("a", Thing::new);
    pool.giveBack("a", idle);
    pool.take("b", Thing::new);
    assertTrue(idle.closed);
    assertFalse(inUse.closed);
    assertNotSame(idle, pool.take("a", Thing::new));
  }

  @Test
  void idleThingsForOtherWorkAreClosedAndThoseForTheSameAreNot() {
    Pool<String, Thing> same = new Pool<>("one"), other = new Pool<>("another");
    Thing idle = pool.take("a", Thing::new), inUse = pool.take("a", Thing::new);
    pool.giveBack("a", idle);
    same.take("b", Thing::new);
    assertFalse(idle.closed);
    other.take("a", Thing::new);
    assertTrue(idle.closed);
    assertFalse(inUse.closed);
    assertNotSame(idle, pool.take("a", Thing::new));
  }
}
