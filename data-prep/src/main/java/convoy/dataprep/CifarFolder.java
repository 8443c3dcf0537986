package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** A folder of CIFAR's binary files, read in slices of whole records. */
final class CifarFolder {
  private static final int SLICE_RECORDS = 4096;
  private static final int CLASS_NAMES_LIMIT_BYTES = 1 << 20;

  private CifarFolder() {}

  static ImageSource open(Storage storage, Path folder, CifarLayout layout) throws IOException {
    String names =
        storage.readText(new Path(folder, layout.classNamesFile()), CLASS_NAMES_LIMIT_BYTES);
    List<String> classNames = CifarLayout.classNames(names);
    List<SourceSlice> slices = new ArrayList<>();
    for (FileStatus file : ImageSource.visible(storage.list(folder))) {
      Path path = file.getPath();
      Optional<Split> split = layout.splitOf(path.getName());
      if (split.isEmpty()) {
        continue;
      }
      long records = layout.records(path.toString(), file.getLen());
      for (long first = 0; first < records; first += SLICE_RECORDS) {
        int count = (int) Math.min(SLICE_RECORDS, records - first);
        slices.add(
            new Slice(layout, split.get(), path.toString(), first, count, classNames.size()));
      }
    }
    return new ImageSource(layout.title() + " " + folder, classNames, slices);
  }

  /** Some records of one file. */
  private record Slice(
      CifarLayout layout, Split split, String file, long firstRecord, int records, int classes)
      implements SourceSlice {

    @Override
    public Iterator<SourceItem> read(Storage storage) throws IOException {
      byte[] content = new byte[records * layout.recordBytes()];
      try (FSDataInputStream stream = storage.open(new Path(file))) {
        stream.readFully(firstRecord * layout.recordBytes(), content);
      }
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < records;
        }

        @Override
        public SourceItem next() {
          int offset = next * layout.recordBytes();
          String origin = file + ", record " + (firstRecord + next);
          next++;
          return layout.decode(content, offset, split, origin, classes);
        }
      };
    }
  }
}
