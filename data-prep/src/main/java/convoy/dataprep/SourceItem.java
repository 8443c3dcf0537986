package convoy.dataprep;

/** What a source has in one place: an image, or the reason why there is none. */
public sealed interface SourceItem {
  /**
   * A decoded image.
   *
   * @param split its split
   * @param label index into the source's class names, or {@link ImageDataset#NO_LABEL}
   * @param size its size
   * @param pixels height, width, channel
   * @param name its file below the source, empty if it has none of its own
   * @param origin its file, and its record in there, for messages
   */
  record Image(Split split, int label, ImageSize size, byte[] pixels, String name, String origin)
      implements SourceItem {}

  /**
   * Bad input. It travels as a result rather than as an exception, which Spark would try again and
   * wrap.
   *
   * @param line what, got, wanted and cure in one line
   */
  record Problem(String line) implements SourceItem {}
}
