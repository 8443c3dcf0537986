package convoy.registry;

import convoy.storage.NumberedNames;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The promotions of a registry: promotions/&lt;n&gt;.json, each made once and never changed. */
final class Promotions {
  private static final Logger LOG = LoggerFactory.getLogger(Promotions.class);
  private static final String ENDING = ".json";
  private static final int LIMIT_BYTES = 1 << 20;

  private final Storage storage;
  private final Path folder;

  Promotions(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Their numbers, rising. */
  List<Long> numbers() throws IOException {
    return NumberedNames.in(storage, folder, ENDING);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if its file is not that of a promotion of this number
   */
  Promotion read(long number) throws IOException {
    Path file = file(number);
    Promotion promotion = storage.readJson(file, Promotion.class, LIMIT_BYTES);
    if (promotion.number() != number) {
      throw new IllegalArgumentException(file + " is promotion " + promotion.number());
    }
    return promotion;
  }

  /** All, the first one first. */
  List<Promotion> all() throws IOException {
    List<Promotion> promotions = new ArrayList<>();
    for (long number : numbers()) {
      promotions.add(read(number));
    }
    return promotions;
  }

  /** Those that can be read; the others are named in the log. */
  List<Promotion> readable() throws IOException {
    List<Promotion> promotions = new ArrayList<>();
    for (long number : numbers()) {
      try {
        promotions.add(read(number));
      } catch (IllegalArgumentException e) {
        LOG.warn("promotion {} is left out: {}", number, e.getMessage());
      }
    }
    return promotions;
  }

  /** The one that counts. */
  Optional<Promotion> highest() throws IOException {
    List<Long> numbers = numbers();
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(read(numbers.get(numbers.size() - 1)));
  }

  /** Removes temporary files that were last written before this time, in ms since 1970. */
  void removeTemporaries(long before) throws IOException {
    storage.deleteTemporaries(folder, before);
  }

  /** Adds one; false if there is one of its number. */
  boolean add(Promotion promotion) throws IOException {
    return storage.createExclusively(file(promotion.number()), Storage.json(promotion));
  }

  /** See {@link Registry#before}. */
  Optional<Long> before(Promotion champion) throws IOException {
    List<Long> line = new ArrayList<>();
    for (Promotion promotion : all()) {
      if (promotion.number() > champion.number()) {
        break;
      }
      if (promotion.kind() == Promotion.Kind.ROLLBACK) {
        int back = line.lastIndexOf(promotion.version());
        if (back >= 0) {
          line.subList(back + 1, line.size()).clear();
          continue;
        }
      }
      line.add(promotion.version());
    }
    return line.size() < 2 ? Optional.empty() : Optional.of(line.get(line.size() - 2));
  }

  private Path file(long number) {
    return new Path(folder, number + ENDING);
  }
}
