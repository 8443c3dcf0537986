package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * Some image files of one split and class.
 *
 * @param split their split
 * @param label index into the source's class names, or {@link ImageDataset#NO_LABEL}
 * @param source the folder that their names begin in
 * @param names their paths below it
 */
record ImageFiles(Split split, int label, String source, List<String> names)
    implements SourceSlice {
  private static final int SLICE_IMAGES = 1000;

  ImageFiles {
    names = List.copyOf(names);
  }

  /** Files in slices for tasks, in their order. */
  static List<SourceSlice> slices(Split split, int label, Path source, List<String> names) {
    List<SourceSlice> slices = new ArrayList<>();
    for (int first = 0; first < names.size(); first += SLICE_IMAGES) {
      int end = Math.min(names.size(), first + SLICE_IMAGES);
      slices.add(new ImageFiles(split, label, source.toString(), names.subList(first, end)));
    }
    return slices;
  }

  @Override
  public Iterator<SourceItem> read(Storage storage) {
    Iterator<String> files = names.iterator();
    ImageDecoder decoder = new ImageDecoder();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return files.hasNext();
      }

      @Override
      public SourceItem next() {
        try {
          return item(storage, decoder, files.next());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  private SourceItem item(Storage storage, ImageDecoder decoder, String name) throws IOException {
    Path file = Storage.child(new Path(source), name);
    try {
      ImageDecoder.Decoded image = decoder.read(storage, file);
      return new SourceItem.Image(
          split, label, image.size(), image.pixels(), name, file.toString());
    } catch (IllegalArgumentException e) {
      return new SourceItem.Problem(e.getMessage());
    }
  }
}
