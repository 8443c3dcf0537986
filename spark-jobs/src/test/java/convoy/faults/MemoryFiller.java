package convoy.faults;

import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/** Fills the executors' memory for blocks, so that those that nobody reads just then leave it. */
final class MemoryFiller {
  private static final int BLOCKS = 64;
  private static final int BLOCK_BYTES = 1 << 20;

  private MemoryFiller() {}

  /** Fills it with new blocks, which go again. */
  static void fill(SparkContext context) {
    JavaRDD<byte[]> blocks =
        context.range(0, BLOCKS, 1, BLOCKS).toJavaRDD().map(block -> new byte[BLOCK_BYTES]);
    blocks.persist(StorageLevel.MEMORY_ONLY()).count();
    blocks.unpersist(true);
  }
}
