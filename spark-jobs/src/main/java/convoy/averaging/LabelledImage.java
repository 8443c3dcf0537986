package convoy.averaging;

import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/**
 * A row of a data set that has been checked: what training and evaluation need of it.
 *
 * @param id its number in its split
 * @param label its class
 * @param pixels uint8, RGB, height x width x channels
 */
record LabelledImage(long id, int label, byte[] pixels) {

  /** Reads the rows of one data set. */
  record Reader(ImageSize size, int classes) implements Serializable {

    static Reader of(ImageDataset dataset) {
      return new Reader(dataset.imageSize(), dataset.classNames().size());
    }

    /**
     * Reads a row with the columns of {@link ImageDataset#SCHEMA}.
     *
     * @throws IllegalArgumentException if it has no label, one that is no class, or not as many
     *     bytes as an image of the data set
     */
    LabelledImage read(Row row) {
      long id = row.<Long>getAs("id");
      Integer label = row.getAs("label");
      byte[] pixels = row.getAs("image");
      if (label == null) {
        throw new IllegalArgumentException(
            "image " + id + " has no label: only labelled images can train or be evaluated");
      }
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            "image " + id + " has label " + label + ", wanted 0 to " + (classes - 1));
      }
      if (pixels.length != size.bytes()) {
        throw new IllegalArgumentException(
            "image "
                + id
                + " has "
                + pixels.length
                + " bytes, wanted "
                + size.bytes()
                + " for "
                + size);
      }
      return new LabelledImage(id, label, pixels);
    }
  }
}
