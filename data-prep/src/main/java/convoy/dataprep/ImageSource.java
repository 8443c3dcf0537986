package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A source whose kind is known and whose file lengths and names have been checked; no image has
 * been read yet.
 *
 * @param description its kind and URI
 * @param classNames the names that its labels are indices into
 * @param slices all its images, in slices for tasks
 */
record ImageSource(String description, List<String> classNames, List<SourceSlice> slices) {
  ImageSource {
    try {
      DatasetManifest.checkClassNames(classNames);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(description + ": " + e.getMessage(), e);
    }
    classNames = List.copyOf(classNames);
    slices = List.copyOf(slices);
  }

  /**
   * Finds out what lies at a URI and lists it.
   *
   * @throws IllegalArgumentException if there is nothing, or nothing that is known
   */
  static ImageSource open(Storage storage, String uri, boolean coarseLabels) throws IOException {
    Path path = existing(storage, uri);
    if (!storage.isFolder(path)) {
      return CifarArchive.open(storage, path, coarseLabels);
    }
    for (String unpacked : List.of("cifar-10-batches-bin", "cifar-100-binary")) {
      if (storage.isFolder(new Path(path, unpacked))) {
        return openFolder(storage, new Path(path, unpacked), coarseLabels);
      }
    }
    return openFolder(storage, path, coarseLabels);
  }

  /**
   * The path of a source.
   *
   * @throws IllegalArgumentException if there is nothing
   */
  static Path existing(Storage storage, String uri) throws IOException {
    Path path = storage.path(uri);
    if (!storage.exists(path)) {
      throw new IllegalArgumentException(path + ": the source does not exist");
    }
    return path;
  }

  /** The same with a description that says what its images are scaled to. */
  ImageSource scaledTo(ImageSize size) {
    return new ImageSource(description + ", scaled to " + size, classNames, slices);
  }

  private static ImageSource openFolder(Storage storage, Path folder, boolean coarseLabels)
      throws IOException {
    List<FileStatus> entries = visible(storage.list(folder));
    if (entries.isEmpty()) {
      throw new IllegalArgumentException(folder + ": the source is empty");
    }
    List<String> names = new ArrayList<>();
    boolean classFolders = false;
    for (FileStatus entry : entries) {
      names.add(entry.getPath().getName());
      classFolders |= entry.isDirectory() && entry.getPath().getName().equals("train");
    }
    boolean cifar = CifarLayout.isAnyIn(names);
    if (cifar == classFolders) {
      throw new IllegalArgumentException(
          folder
              + (cifar ? ": holds several kinds of source at once" : ": holds no images")
              + "; expected one of "
              + CifarLayout.EXPECTED_FILES
              + ", or class folders train/CLASS/*.jpg or *.png"
              + (cifar ? "" : "; for images without a label give --like"));
    }
    if (classFolders) {
      CifarLayout.refuseCoarseLabels(coarseLabels, folder);
      return ClassFolders.open(storage, folder);
    }
    return CifarFolder.open(
        storage, folder, CifarLayout.detect(folder.toString(), names, coarseLabels));
  }

  /** All but hidden things, whose names begin with a dot. */
  static List<FileStatus> visible(List<FileStatus> entries) {
    List<FileStatus> visible = new ArrayList<>(entries);
    visible.removeIf(entry -> entry.getPath().getName().startsWith("."));
    return visible;
  }
}
