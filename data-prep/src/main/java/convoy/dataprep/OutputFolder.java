package convoy.dataprep;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The folder that a data set is written to: its committed parts and what is not committed.
 *
 * <p>Parts are written under new names; dataset.json, replaced in one step, commits them. Whatever
 * it does not name is left over from a run that ended early, or was replaced, and is removed.
 */
final class OutputFolder {
  /** Names of parts; what else lies beside them is somebody else's. */
  private static final Pattern PART_NAME = Pattern.compile("[0-9]{1,9}");

  private final Storage storage;
  private final Path folder;
  private final boolean existed;
  private final Optional<DatasetManifest> committed;

  private OutputFolder(
      Storage storage, Path folder, boolean existed, Optional<DatasetManifest> committed) {
    this.storage = storage;
    this.folder = folder;
    this.existed = existed;
    this.committed = committed;
  }

  /**
   * Looks at the folder and changes nothing.
   *
   * @throws IllegalArgumentException if a data set is there and is to be kept, if none is there
   *     that could be appended to, or if something else is there
   */
  static OutputFolder open(Storage storage, String uri, Existing existing) throws IOException {
    Path folder = storage.path(uri);
    ImageDataset.checkName(folder);
    storage.checkFolder(folder);
    boolean existed = storage.exists(folder);
    if (existed) {
      refuseForeign(storage, folder);
    }
    Optional<DatasetManifest> committed = manifest(storage, folder);
    if (committed.isPresent() && existing == Existing.REFUSE) {
      throw new IllegalArgumentException(
          folder + " exists already: add --append or --overwrite, or choose another folder");
    }
    if (committed.isEmpty() && existing == Existing.APPEND) {
      throw new IllegalArgumentException(
          folder + ": no data set to append to (" + ImageDataset.MANIFEST_FILE + " is missing)");
    }
    return new OutputFolder(storage, folder, existed, committed);
  }

  private static void refuseForeign(Storage storage, Path folder) throws IOException {
    if (storage.exists(new Path(folder, ImageDataset.MANIFEST_FILE))) {
      return;
    }
    for (FileStatus entry : ImageSource.visible(storage.list(folder))) {
      String name = entry.getPath().getName();
      if (!name.equals(DatasetPart.PARTS_FOLDER) || !entry.isDirectory()) {
        throw foreign(folder, name);
      }
      for (FileStatus part : ImageSource.visible(storage.list(entry.getPath()))) {
        if (!isPart(part)) {
          throw foreign(folder, name + "/" + part.getPath().getName());
        }
      }
    }
  }

  private static IllegalArgumentException foreign(Path folder, String held) {
    return new IllegalArgumentException(
        folder
            + ": the output exists already and is no data set (it holds "
            + held
            + "); choose another folder");
  }

  private static boolean isPart(FileStatus entry) {
    return entry.isDirectory() && PART_NAME.matcher(entry.getPath().getName()).matches();
  }

  private static Optional<DatasetManifest> manifest(Storage storage, Path folder)
      throws IOException {
    return storage.exists(new Path(folder, ImageDataset.MANIFEST_FILE))
        ? Optional.of(ImageDataset.open(storage, folder).manifest())
        : Optional.empty();
  }

  Path folder() {
    return folder;
  }

  /** The data set that was there when the folder was opened. */
  Optional<DatasetManifest> committed() {
    return committed;
  }

  /**
   * Removes what an earlier run left over, and makes the folder of a new part.
   *
   * @return its path below this folder
   */
  String startPart() throws IOException {
    clean();
    int number = 1;
    for (String path : paths(committed)) {
      int used = Integer.parseInt(path.substring(path.lastIndexOf('/') + 1));
      number = Math.max(number, used + 1);
    }
    String path = DatasetPart.PARTS_FOLDER + "/" + number;
    storage.createFolder(new Path(folder, path));
    return path;
  }

  /**
   * Makes {@code manifest} the data set, in one step.
   *
   * @throws IOException if another run committed meanwhile
   */
  void commit(DatasetManifest manifest) throws IOException {
    if (!manifest(storage, folder).equals(committed)) {
      throw new IOException(
          folder + ": another run changed the data set meanwhile; run this one again");
    }
    storage.writeJson(new Path(folder, ImageDataset.MANIFEST_FILE), manifest);
  }

  /** Whether something is among the parts, where what is not committed gets removed. */
  boolean holdsAmongParts(Path path) {
    return Storage.isIn(path, new Path(folder, DatasetPart.PARTS_FOLDER));
  }

  /**
   * Removes all parts that dataset.json does not name, temporary files, and the folder if it was
   * not there before.
   */
  void clean() throws IOException {
    storage.deleteTemporaries(folder);
    Optional<DatasetManifest> current = manifest(storage, folder);
    Path parts = new Path(folder, DatasetPart.PARTS_FOLDER);
    if (storage.isFolder(parts)) {
      Set<String> named = paths(current);
      for (FileStatus entry : storage.list(parts)) {
        String path = DatasetPart.PARTS_FOLDER + "/" + entry.getPath().getName();
        if (isPart(entry) && !named.contains(path)) {
          storage.delete(entry.getPath());
        }
      }
      if (storage.isFolder(parts) && storage.list(parts).isEmpty()) {
        storage.delete(parts);
      }
    }
    if (current.isEmpty() && !existed) {
      storage.delete(folder);
    }
  }

  private static Set<String> paths(Optional<DatasetManifest> manifest) {
    Set<String> paths = new HashSet<>();
    for (DatasetPart part : manifest.map(DatasetManifest::parts).orElse(List.of())) {
      paths.add(part.path());
    }
    return paths;
  }
}
