package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** A folder of image files whose classes nobody has told; folders in it count too. */
final class UnlabelledFolder {
  private UnlabelledFolder() {}

  /** Lists the files, all of which belong to the test split, with the classes of {@code like}. */
  static ImageSource open(Storage storage, Path folder, ImageDataset like) throws IOException {
    if (!storage.isFolder(folder)) {
      throw new IllegalArgumentException(
          folder + ": no folder; images without a label are PNG or JPEG files in a folder");
    }
    List<String> files = new ArrayList<>();
    addFiles(storage, folder, "", files);
    if (files.isEmpty()) {
      throw new IllegalArgumentException(folder + ": the source is empty");
    }
    return new ImageSource(
        "unlabelled images " + folder + ", like " + like.folder(),
        like.classNames(),
        ImageFiles.slices(Split.TEST, ImageDataset.NO_LABEL, folder, files));
  }

  private static void addFiles(Storage storage, Path source, String below, List<String> files)
      throws IOException {
    Path folder = below.isEmpty() ? source : Storage.child(source, below);
    for (FileStatus entry : ImageSource.visible(storage.list(folder))) {
      String name = below + entry.getPath().getName();
      if (entry.isDirectory()) {
        addFiles(storage, source, name + "/", files);
      } else {
        files.add(name);
      }
    }
  }
}
