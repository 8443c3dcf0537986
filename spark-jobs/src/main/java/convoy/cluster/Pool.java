package convoy.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Things that are costly to make and that one task at a time can use, kept for the next task. A
 * process does one kind of work at a time: when it takes from a pool of one kind, what lies idle in
 * those of others is closed.
 *
 * @param <K> what a thing is made from
 * @param <V> the thing
 */
public final class Pool<K, V extends Pool.Closeable> {
  /** Something to be closed, without a checked exception. */
  public interface Closeable extends AutoCloseable {
    @Override
    void close();
  }

  private record Idle<K, V>(K key, V value) {}

  /** All of the process, which live as long as it does. */
  private static final List<Pool<?, ?>> POOLS = new CopyOnWriteArrayList<>();

  private final String work;
  private final Deque<Idle<K, V>> idle = new ArrayDeque<>();

  /**
   * An empty one.
   *
   * @param work the kind of work that its things are for
   */
  public Pool(String work) {
    this.work = work;
    POOLS.add(this);
  }

  /**
   * An idle thing of {@code key}, or a new one of {@code maker}; nobody else has it until it is
   * given back. Idle things of another key, or for other work, are closed, so that their memory is
   * free for this one.
   */
  public V take(K key, Supplier<V> maker) {
    for (Pool<?, ?> other : POOLS) {
      if (!other.work.equals(work)) {
        other.closeIdle();
      }
    }
    synchronized (idle) {
      for (Idle<K, V> other : idle) {
        if (!other.key().equals(key)) {
          other.value().close();
        }
      }
      idle.removeIf(other -> !other.key().equals(key));
      Idle<K, V> found = idle.poll();
      if (found != null) {
        return found.value();
      }
    }
    return maker.get();
  }

  private void closeIdle() {
    synchronized (idle) {
      while (!idle.isEmpty()) {
        idle.poll().value().close();
      }
    }
  }

  /** Gives back what was taken under {@code key}. */
  public void giveBack(K key, V value) {
    synchronized (idle) {
      idle.push(new Idle<>(key, value));
    }
  }
}
