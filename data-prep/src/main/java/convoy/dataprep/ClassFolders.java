package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/** Folders train/CLASS and test/CLASS of image files; classes are sorted by name. */
final class ClassFolders {
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
        List<String> files = files(storage, folder, split.folderName() + "/" + name);
        slices.addAll(ImageFiles.slices(split, label, folder, files));
      }
    }
    return new ImageSource("class folders " + folder, classNames, slices);
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

  /** The files of a class, as paths below the source. */
  private static List<String> files(Storage storage, Path source, String classFolder)
      throws IOException {
    Path folder = Storage.child(source, classFolder);
    List<String> files = new ArrayList<>();
    for (FileStatus entry : ImageSource.visible(storage.list(folder))) {
      if (entry.isDirectory()) {
        throw new IllegalArgumentException(
            entry.getPath() + ": a folder within a class folder, expected image files");
      }
      files.add(classFolder + "/" + entry.getPath().getName());
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": the class has no images; add some or remove the folder");
    }
    return files;
  }
}
