package convoy.storage;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** Files and folders whose names are numbers, from 1. */
public final class NumberedNames {
  private NumberedNames() {}

  /**
   * The numbers in {@code folder}, rising; none if there is no such folder. Other names are left
   * out.
   *
   * @param ending of the names, behind the number
   */
  public static List<Long> in(Storage storage, Path folder, String ending) throws IOException {
    if (!storage.exists(folder)) {
      return List.of();
    }
    return storage.list(folder).stream()
        .map(entry -> entry.getPath().getName())
        .filter(name -> name.matches("[1-9][0-9]{0,17}" + ending.replace(".", "\\.")))
        .map(name -> Long.parseLong(name.substring(0, name.length() - ending.length())))
        .sorted()
        .toList();
  }
}
