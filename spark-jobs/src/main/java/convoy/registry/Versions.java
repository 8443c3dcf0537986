package convoy.registry;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Manifest;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.run.StoredCheckpointFolder;
import convoy.storage.NumberedNames;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of a registry: versions/&lt;n&gt;/, whose number a file "claim" takes, and which is
 * complete by its manifest.json, written last; never changed after that.
 */
final class Versions {
  private static final Logger LOG = LoggerFactory.getLogger(Versions.class);
  private static final String CLAIM = "claim";

  /** A card grows with the number of classes: 1 MB for a thousand. */
  private static final int LIMIT_BYTES = 64 << 20;

  private final Storage storage;
  private final Path folder;

  Versions(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Where a version lies, whether it is there or not. */
  Path folder(long number) {
    return new Path(folder, Long.toString(number));
  }

  /** The numbers of those that are complete, rising. */
  List<Long> complete() throws IOException {
    List<Long> complete = new ArrayList<>();
    for (long number : numbers()) {
      if (Manifest.isIn(files(number))) {
        complete.add(number);
      }
    }
    return complete;
  }

  /** Those that are complete and whose card can be read; the others are named in the log. */
  List<Version> readable() throws IOException {
    List<Version> versions = new ArrayList<>();
    for (long number : complete()) {
      try {
        versions.add(read(number));
      } catch (IllegalArgumentException | IOException e) {
        LOG.warn("version {} is left out: {}", number, Storage.firstLine(e));
      }
    }
    return versions;
  }

  /**
   * Checks that there is one of this number, complete.
   *
   * @throws IllegalArgumentException if not
   */
  void checkExists(long number) throws IOException {
    if (number < 1 || !Manifest.isIn(files(number))) {
      throw new IllegalArgumentException(folder.getParent() + " has no version " + number);
    }
  }

  /** Reads the card of one; see {@link Registry#version}. */
  Version read(long number) throws IOException {
    checkExists(number);
    Path file = new Path(folder(number), Version.NAME);
    Version version = storage.readJson(file, Version.class, LIMIT_BYTES, Version::upgrade);
    if (version.version() != number) {
      throw new IllegalArgumentException(file + " is of version " + version.version());
    }
    return version;
  }

  /** Reads the model of one; see {@link Registry#model}. */
  Model model(long number) throws IOException {
    checkExists(number);
    return Checkpoint.readModel(files(number));
  }

  /** What is wrong with the files of one, if anything is; that they can't be read, too. */
  Optional<String> fault(long number) {
    try {
      Manifest manifest = Manifest.read(files(number));
      manifest.verify(files(number), manifest.files().stream().map(Manifest.Entry::name).toList());
      String digest = WeightsDigest.of(model(number).parameters());
      return digest.equals(read(number).weightsDigest())
          ? Optional.empty()
          : Optional.of("the weights' digest is " + digest);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(Storage.firstLine(e));
    }
  }

  /** Adds one; see {@link Registry#add}. */
  Version add(Model model, LongFunction<Version> card) throws IOException {
    Version version = card.apply(claim());
    Map<String, byte[]> cards = new LinkedHashMap<>();
    cards.put(Version.NAME, Storage.json(version));
    cards.put(LineageCard.NAME, LineageCard.markdown(version).getBytes(StandardCharsets.UTF_8));
    Checkpoint.writeModel(files(version.version()), model, cards);
    return version;
  }

  /** Takes the next number, which nobody else gets; one whose version never came stays unused. */
  private long claim() throws IOException {
    List<Long> taken = numbers();
    long number = taken.isEmpty() ? 1 : taken.get(taken.size() - 1) + 1;
    while (!storage.createExclusively(new Path(folder(number), CLAIM), new byte[0])) {
      number++;
    }
    return number;
  }

  /**
   * Removes temporary files, and what there is of versions that were not finished; their numbers
   * stay taken.
   *
   * @param before only what was written before this time, in ms since 1970: nothing but the
   *     manifest tells a version that is being written from one that never will be finished
   * @param promoted versions that once had a manifest
   */
  void removeUnfinished(long before, Set<Long> promoted) throws IOException {
    for (long number : numbers()) {
      storage.deleteTemporaries(folder(number), before);
      List<FileStatus> found = storage.list(folder(number));
      List<String> names = found.stream().map(file -> file.getPath().getName()).toList();
      if (names.contains(CLAIM)
          && !names.contains(Manifest.NAME)
          && !promoted.contains(number)
          && found.stream().allMatch(file -> file.getModificationTime() < before)) {
        for (FileStatus file : found) {
          if (!file.getPath().getName().equals(CLAIM)) {
            storage.delete(file.getPath());
          }
        }
      }
    }
  }

  /** The numbers that were claimed, rising. */
  private List<Long> numbers() throws IOException {
    return NumberedNames.in(storage, folder, "");
  }

  private StoredCheckpointFolder files(long number) {
    return new StoredCheckpointFolder(storage, folder(number));
  }
}
