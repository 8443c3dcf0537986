package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Folders train/CLASS and test/CLASS of image files; classes are sorted by name. */
final class ClassFolders {
  private static final int SLICE_IMAGES = 1000;

  private ClassFolders() {}

  static ImageSource open(Storage storage, Path folder) throws IOException {
    List<String> classNames = classNames(storage, new Path(folder, Split.TRAIN.folderName()));
    List<SourceSlice> slices = new ArrayList<>();
    for (Split split : Split.values()) {
      Path splitFolder = new Path(folder, split.folderName());
      if (split == Split.TEST && !storage.isFolder(splitFolder)) {
        continue;
      }
      for (String name : classNames(storage, splitFolder)) {
        int label = classNames.indexOf(name);
        if (label < 0) {
          throw new IllegalArgumentException(
              splitFolder + ": class '" + name + "' has no folder in " + folder + "/train");
        }
        addSlices(storage, split, label, child(splitFolder, name), slices);
      }
    }
    return new ImageSource("class folders " + folder, classNames, slices);
  }

  /** The path of a file or folder whose name may hold a colon. */
  private static Path child(Path folder, String name) {
    return new Path(folder, new Path(null, null, name));
  }

  private static List<String> classNames(Storage storage, Path splitFolder) throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus entry : ImageSource.visible(storage.list(splitFolder))) {
      if (!entry.isDirectory()) {
        throw new IllegalArgumentException(
            entry.getPath() + ": lies in no class folder, expected " + splitFolder + "/CLASS/FILE");
      }
      names.add(entry.getPath().getName());
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          splitFolder + ": no class folders, expected " + splitFolder + "/CLASS/FILE");
    }
    return names;
  }

  private static void addSlices(
      Storage storage, Split split, int label, Path classFolder, List<SourceSlice> slices)
      throws IOException {
    List<String> files = new ArrayList<>();
    for (FileStatus entry : ImageSource.visible(storage.list(classFolder))) {
      if (entry.isDirectory()) {
        throw new IllegalArgumentException(
            entry.getPath() + ": a folder within a class folder, expected image files");
      }
      files.add(entry.getPath().getName());
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          classFolder + ": the class has no images; add some or remove the folder");
    }
    for (int first = 0; first < files.size(); first += SLICE_IMAGES) {
      int end = Math.min(files.size(), first + SLICE_IMAGES);
      slices.add(
          new Slice(split, label, classFolder.toString(), List.copyOf(files.subList(first, end))));
    }
  }

  /** Some files of one class folder. */
  private record Slice(Split split, int label, String folder, List<String> files)
      implements SourceSlice {

    @Override
    public Iterator<SourceItem> read(Storage storage) {
      Iterator<String> names = files.iterator();
      ImageDecoder decoder = new ImageDecoder();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return names.hasNext();
        }

        @Override
        public SourceItem next() {
          Path file = child(new Path(folder), names.next());
          try {
            return item(storage, decoder, file);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
    }

    private SourceItem item(Storage storage, ImageDecoder decoder, Path file) throws IOException {
      try {
        ImageDecoder.Decoded image = decoder.read(storage, file);
        return new SourceItem.Image(split, label, image.size(), image.pixels(), file.toString());
      } catch (IllegalArgumentException e) {
        return new SourceItem.Problem(e.getMessage());
      }
    }
  }
}
