package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;

/**
 * Generates a data set of ten classes of coloured shapes, in the layout of CIFAR-10's binary files.
 *
 * @param seed any number; the same seed gives the same bytes
 * @param trainImages images of the training split
 * @param testImages images of the test split
 */
public record ShapesGenerator(long seed, int trainImages, int testImages) {
  /** 5000 training and 1000 test images. */
  public static ShapesGenerator defaults(long seed) {
    return new ShapesGenerator(seed, 5000, 1000);
  }

  /** Writes data_batch_1.bin to data_batch_5.bin, test_batch.bin and batches.meta.txt. */
  public void write(Storage storage, String folder) throws IOException {
    throw new UnsupportedOperationException("under way: " + storage.path(folder));
  }
}
