package convoy.evaluation;

import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.sharding.HeldOut;
import convoy.sharding.LabelledImage;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Which images of a data set models are shown.
 *
 * @param split those of this split
 * @param heldOut of the training split, the share that is kept for validation, by content; 0 for
 *     all images of the split
 */
public record ShownImages(Split split, double heldOut) {

  JavaRDD<Row> rows(SparkSession spark, ImageDataset dataset) {
    JavaRDD<Row> all = dataset.rows(spark, split).toJavaRDD();
    if (heldOut == 0) {
      return all;
    }
    HeldOut kept = HeldOut.of(dataset, heldOut);
    LabelledImage.Reader reader = LabelledImage.Reader.of(dataset);
    return all.filter(row -> kept.has(reader.read(row)));
  }

  /**
   * Checks before long work that there is one: reads the rows up to the first.
   *
   * @throws IllegalArgumentException if no image is held out
   */
  public void checkAny(SparkSession spark, ImageDataset dataset) {
    // Of a row that is found the task sends back its width alone.
    check(dataset, heldOut == 0 || !rows(spark, dataset).map(Row::size).isEmpty());
  }

  /**
   * Checks that what was shown is all.
   *
   * @param images how many there were
   * @throws IllegalArgumentException if no image is held out; or if, of the whole split, there were
   *     not as many as dataset.json counts
   */
  void checkComplete(ImageDataset dataset, long images) {
    check(dataset, heldOut == 0 || images > 0);
    if (heldOut == 0 && images != dataset.images(split)) {
      throw new IllegalArgumentException(
          dataset.folder()
              + " holds "
              + images
              + " "
              + split.folderName()
              + " images, its dataset.json counts "
              + dataset.images(split)
              + ": is a file missing?");
    }
  }

  private void check(ImageDataset dataset, boolean any) {
    if (!any) {
      throw new IllegalArgumentException(
          dataset.folder()
              + ": no image is held out by validationFraction "
              + heldOut
              + ": raise it, or add images");
    }
  }
}
