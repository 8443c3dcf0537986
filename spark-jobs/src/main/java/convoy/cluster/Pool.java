package convoy.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Things that are costly to make and that one task at a time can use, kept for the next task.
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

  private final Deque<Idle<K, V>> idle = new ArrayDeque<>();

  /**
   * An idle thing of {@code key}, or a new one of {@code maker}; nobody else has it until it is
   * given back. Idle things of another key are closed, so that their memory is free for this one.
   */
  public V take(K key, Supplier<V> maker) {
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

  /** Gives back what was taken under {@code key}. */
  public void giveBack(K key, V value) {
    synchronized (idle) {
      idle.push(new Idle<>(key, value));
    }
  }
}
