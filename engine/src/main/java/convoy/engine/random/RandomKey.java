package convoy.engine.random;

/**
 * A counter-based random source: a 64-bit key that hashes the counters of one draw.
 *
 * <p>Nothing is carried along from draw to draw: a key is derived from the seed, the purpose and as
 * many counters as the draw has (epoch, step, shard, layer), and gives the bits of any element at
 * once. So a task that is tried again, or that runs elsewhere, draws the same numbers.
 *
 * <p>Mixing is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom
 * Number Generators", 2014) over the key plus the counter times the golden-ratio increment.
 */
public record RandomKey(long state) implements KeySource {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
  private static final int FEISTEL_ROUNDS = 8;

  /** What the numbers are for; two purposes never share a stream. Order is part of the format. */
  public enum Purpose {
    INITIALISATION,
    SHUFFLE,
    ROW_PLACE,
    GENERATED_DATA,
    DROPOUT,
    VIEW_NOISE,
    DEAL,
    TRAINING_SHARE,
    AUGMENTATION
  }

  /** The key of {@code purpose} under {@code seed}; every seed, 0 included, is a seed. */
  public static RandomKey of(long seed, Purpose purpose) {
    return new RandomKey(mix(seed)).with(purpose.ordinal());
  }

  /** The key of one counter (an epoch, a step, a shard) below this one; its state are its bits. */
  public RandomKey with(long counter) {
    return new RandomKey(bits(counter));
  }

  /** 64 random bits for {@code element}. */
  public long bits(long element) {
    return bits(state, element);
  }

  /** 64 random bits for {@code element} of the key of that state. */
  public static long bits(long state, long element) {
    return mix(state + (element + 1) * GOLDEN_GAMMA);
  }

  /** A number for {@code element}, uniform in [0, 1), a multiple of 2^-53. */
  public double uniform(long element) {
    return uniform(state, element);
  }

  /** As {@link #uniform(long)}, of the key of that state. */
  public static double uniform(long state, long element) {
    return (bits(state, element) >>> 11) * 0x1.0p-53;
  }

  /**
   * A number for {@code element}, normal with mean 0 and deviation 1, made of two uniform ones by
   * the method of Box and Muller (1958).
   */
  public double normal(long element) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(2 * element)));
    return radius * StrictMath.cos(2 * Math.PI * uniform(2 * element + 1));
  }

  /** An integer for {@code element}, uniform in [0, bound) up to 2^-31 in probability. */
  public int below(int bound, long element) {
    return (int) ((bits(element) >>> 33) * bound >>> 31);
  }

  /** The numbers 0 to size - 1 in random order (Fisher-Yates). */
  public int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = below(i + 1, i);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * The place of {@code index} when the numbers 0 to size - 1 are permuted. Each index is computed
   * by itself, so that permutations of any size need no memory.
   *
   * <p>A Feistel network (Luby and Rackoff, "How to Construct Pseudorandom Permutations from
   * Pseudorandom Functions", 1988) over the next even number of bits, applied until the result is
   * below {@code size} (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002, method
   * 2).
   *
   * @param index 0 or more, below {@code size}
   * @param size at most 2^62
   */
  public long permuted(long index, long size) {
    int half = (65 - Long.numberOfLeadingZeros(size - 1)) / 2;
    long mask = (1L << half) - 1;
    long value = index;
    do {
      long left = value >>> half;
      long right = value & mask;
      for (int round = 0; round < FEISTEL_ROUNDS; round++) {
        long next = left ^ (with(round).bits(right) & mask);
        left = right;
        right = next;
      }
      value = left << half | right;
    } while (value >= size);
    return value;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
