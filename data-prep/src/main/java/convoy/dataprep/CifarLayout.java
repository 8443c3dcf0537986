package convoy.dataprep;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The layouts of the binary files of CIFAR-10 and CIFAR-100: records of one or two label bytes and
 * 1024 bytes each of red, green and blue, row by row.
 */
enum CifarLayout {
  CIFAR_10("CIFAR-10", 1, 0, "batches.meta.txt", "data_batch_.*\\.bin", "test_batch.*\\.bin"),
  CIFAR_100("CIFAR-100", 2, 1, "fine_label_names.txt", "train\\.bin", "test\\.bin"),
  CIFAR_100_COARSE("CIFAR-100 coarse", 2, 0, "coarse_label_names.txt", "train\\.bin", "test\\.bin");

  static final ImageSize SIZE = new ImageSize(32, 32, 3);

  static final String EXPECTED_FILES =
      "CIFAR-10's data_batch_*.bin, test_batch.bin and batches.meta.txt,"
          + " CIFAR-100's train.bin, test.bin and fine_label_names.txt";

  private static final int PLANE_BYTES = SIZE.height() * SIZE.width();

  private final String title;
  private final int labelBytes;
  private final int labelIndex;
  private final String classNamesFile;
  private final Pattern trainFiles;
  private final Pattern testFiles;

  CifarLayout(
      String title,
      int labelBytes,
      int labelIndex,
      String classNamesFile,
      String trainFiles,
      String testFiles) {
    this.title = title;
    this.labelBytes = labelBytes;
    this.labelIndex = labelIndex;
    this.classNamesFile = classNamesFile;
    this.trainFiles = Pattern.compile(trainFiles);
    this.testFiles = Pattern.compile(testFiles);
  }

  /** Whether any file of any layout is among {@code names}. */
  static boolean isAnyIn(List<String> names) {
    for (String name : names) {
      if (CIFAR_10.splitOf(name).isPresent() || CIFAR_100.splitOf(name).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * The layout of a source that holds files of these names.
   *
   * @throws IllegalArgumentException if a file is missing, or both data sets are there
   */
  static CifarLayout detect(String source, List<String> names, boolean coarseLabels) {
    List<Split> ten = CIFAR_10.splitsOf(names);
    List<Split> hundred = CIFAR_100.splitsOf(names);
    if (ten.isEmpty() == hundred.isEmpty()) {
      throw new IllegalArgumentException(
          source
              + (ten.isEmpty() ? ": holds no images" : ": holds several kinds of source at once")
              + "; expected one of "
              + EXPECTED_FILES);
    }
    if (!ten.isEmpty()) {
      refuseCoarseLabels(coarseLabels, source);
    }
    CifarLayout layout = !ten.isEmpty() ? CIFAR_10 : coarseLabels ? CIFAR_100_COARSE : CIFAR_100;
    if (!layout.splitsOf(names).contains(Split.TRAIN)) {
      throw new IllegalArgumentException(
          source + ": no train split; expected files named " + layout.trainFiles);
    }
    if (!names.contains(layout.classNamesFile)) {
      throw new IllegalArgumentException(
          source
              + ": "
              + layout.classNamesFile
              + " is missing; it names the classes, one a line, and comes with the archive");
    }
    return layout;
  }

  /** Refuses coarse labels for sources that have none. */
  static void refuseCoarseLabels(boolean coarseLabels, Object source) {
    if (coarseLabels) {
      throw new IllegalArgumentException(
          source + ": coarse labels were asked for, but only CIFAR-100 has them");
    }
  }

  /** The data set's name. */
  String title() {
    return title;
  }

  /** The file that names the classes. */
  String classNamesFile() {
    return classNamesFile;
  }

  /** Bytes of one record. */
  int recordBytes() {
    return labelBytes + SIZE.bytes();
  }

  /** The split of a file, if it is one of images. */
  Optional<Split> splitOf(String fileName) {
    if (trainFiles.matcher(fileName).matches()) {
      return Optional.of(Split.TRAIN);
    }
    return testFiles.matcher(fileName).matches() ? Optional.of(Split.TEST) : Optional.empty();
  }

  /** Parses the file that names the classes; blank lines are none. */
  static List<String> classNames(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  /**
   * The number of records in a file.
   *
   * @throws IllegalArgumentException if there is none, or a part of one
   */
  long records(String file, long fileBytes) {
    if (fileBytes == 0) {
      throw new IllegalArgumentException(file + ": the file is empty");
    }
    if (fileBytes % recordBytes() != 0) {
      throw new IllegalArgumentException(
          file
              + ": "
              + fileBytes
              + " bytes are no whole number of records, expected a multiple of "
              + recordBytes()
              + " for "
              + title
              + "; is the file complete?");
    }
    return fileBytes / recordBytes();
  }

  /** Decodes the record at {@code offset}. */
  SourceItem decode(byte[] records, int offset, Split split, String origin, int classes) {
    int label = records[offset + labelIndex] & 0xFF;
    if (label >= classes) {
      return new SourceItem.Problem(
          origin
              + ": label is "
              + label
              + ", expected 0 to "
              + (classes - 1)
              + " by "
              + classNamesFile
              + "; is it a file of "
              + title
              + "?");
    }
    byte[] pixels = new byte[SIZE.bytes()];
    int red = offset + labelBytes;
    for (int i = 0; i < PLANE_BYTES; i++) {
      pixels[3 * i] = records[red + i];
      pixels[3 * i + 1] = records[red + PLANE_BYTES + i];
      pixels[3 * i + 2] = records[red + 2 * PLANE_BYTES + i];
    }
    return new SourceItem.Image(split, label, SIZE, pixels, "", origin);
  }

  private List<Split> splitsOf(List<String> names) {
    List<Split> splits = new ArrayList<>();
    for (String name : names) {
      splitOf(name).ifPresent(splits::add);
    }
    return splits;
  }
}
