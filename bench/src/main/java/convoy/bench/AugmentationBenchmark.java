package convoy.bench;

import convoy.engine.data.Augmentation;
import convoy.engine.data.MiniBatch;
import convoy.engine.data.Shard;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One image of 32x32x3 pixels on its way from a shard into a batch of 32. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class AugmentationBenchmark {
  private static final int BATCH = 32;
  private static final int IMAGES = 1024;
  private static final Shape IMAGE = new Shape(1, 32, 32, 3);

  /** What becomes of an image. */
  public enum Setting {
    NONE(Augmentation.NONE),
    FLIP_CROP(new Augmentation(true, 4, 0, 0, 0, 0)),
    FLIP_CROP_CUTOUT(new Augmentation(true, 4, 8, 0, 0, 0)),
    COLOURS(new Augmentation(false, 0, 0, 0.2, 0.2, 0.2)),
    ALL(new Augmentation(true, 4, 8, 0.2, 0.2, 0.2));

    private final Augmentation augmentation;

    Setting(Augmentation augmentation) {
      this.augmentation = augmentation;
    }
  }

  @Param private Setting setting;

  private final RandomKey key = RandomKey.of(1, Purpose.AUGMENTATION);
  private Shard shard;
  private int[] order;
  private int first;
  private MiniBatch batch;
  private Tensor input;

  /** Makes images and the batch. */
  @Setup(Level.Trial)
  public void setUp() {
    RandomKey pixels = RandomKey.of(1, Purpose.GENERATED_DATA);
    byte[] values = new byte[IMAGES * IMAGE.imageSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) pixels.bits(i);
    }
    shard = new Shard(IMAGE, values, new int[IMAGES]);
    order = RandomKey.of(1, Purpose.SHUFFLE).permutation(IMAGES);
    first = 0;
    batch = new MiniBatch(BATCH, IMAGE, setting.augmentation);
    input = Tensor.dense(new float[BATCH * IMAGE.imageSize()], 0, IMAGE.withImages(BATCH));
  }

  /** One batch, the next one of the shard. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public Tensor fill() {
    batch.fill(shard, order, first, key, input);
    first = (first + BATCH) % IMAGES;
    return input;
  }
}
