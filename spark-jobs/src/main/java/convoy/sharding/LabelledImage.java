package convoy.sharding;

import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import java.io.Serializable;
import org.apache.spark.sql.Row;

/**
 * A row of a data set that has been checked: what training and evaluation need of it.
 *
 * @param id its number in its split
 * @param label its class, or {@link ImageDataset#NO_LABEL} where the row has none and need not have
 *     one
 * @param name its file below the data set's source, empty if it had none of its own
 * @param pixels uint8, RGB, height x width x channels
 */
public record LabelledImage(long id, int label, String name, byte[] pixels) {

  /**
   * Reads the rows of one data set.
   *
   * @param size that every image has
   * @param classes how many there are
   * @param wantsLabels whether a row without a label is refused
   */
  public record Reader(ImageSize size, int classes, boolean wantsLabels) implements Serializable {

    /** For rows that all have a label. */
    public static Reader of(ImageDataset dataset) {
      return new Reader(dataset.imageSize(), dataset.classNames().size(), true);
    }

    /** For rows some of which may have no label. */
    public static Reader ofAny(ImageDataset dataset) {
      return new Reader(dataset.imageSize(), dataset.classNames().size(), false);
    }

    /**
     * Reads a row with the columns of {@link ImageDataset#SCHEMA}.
     *
     * @throws IllegalArgumentException if it lacks a label that is wanted, has one that is no
     *     class, or not as many bytes as an image of the data set
     */
    public LabelledImage read(Row row) {
      long id = row.<Long>getAs("id");
      Integer label = row.getAs("label");
      String name = row.getAs("name");
      byte[] pixels = row.getAs("image");
      if (label == null && wantsLabels) {
        throw new IllegalArgumentException(
            "image " + id + " has no label: only labelled images can train or be evaluated");
      }
      if (label != null && (label < 0 || label >= classes)) {
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
      return new LabelledImage(
          id, label == null ? ImageDataset.NO_LABEL : label, name == null ? "" : name, pixels);
    }
  }
}
