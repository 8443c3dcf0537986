package convoy.job;

import java.util.Optional;

/** One command; its options are picocli fields, its name and description a picocli annotation. */
@FunctionalInterface
public interface Job {
  /**
   * Does the work, and prints what people shall read.
   *
   * @return the result for {@code --json}: a record, whose component names are the keys, or a JSON
   *     tree; or an {@link ExitingResult} that has it
   * @throws IllegalArgumentException if an option or the input is wrong
   * @throws Exception if the work can't be done for another reason
   */
  Object run() throws Exception;

  /** A folder that the work makes whole, so that nothing else may be written there. */
  default Optional<String> ownFolder() {
    return Optional.empty();
  }
}
