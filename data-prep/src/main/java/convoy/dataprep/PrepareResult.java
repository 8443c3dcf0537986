package convoy.dataprep;

/**
 * What one run of {@link Prepare} did.
 *
 * @param dataset the data set as it is now, all parts included
 * @param part the part that this run wrote
 * @param seconds how long the run took
 */
public record PrepareResult(ImageDataset dataset, DatasetPart part, double seconds) {

  /** Images of the whole data set, of both splits. */
  public long images() {
    return dataset.images(Split.TRAIN) + dataset.images(Split.TEST);
  }

  /** Images that this run added, of both splits. */
  public long imagesAdded() {
    return part.counts(Split.TRAIN).images() + part.counts(Split.TEST).images();
  }

  /** Number of classes. */
  public int classes() {
    return dataset.classNames().size();
  }

  /** The fingerprint of the whole data set. */
  public Fingerprint fingerprint() {
    return dataset.fingerprint();
  }
}
