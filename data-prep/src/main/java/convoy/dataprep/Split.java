package convoy.dataprep;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The two parts that a source divides its images into; validation is a share of {@link #TRAIN}. */
public enum Split {
  TRAIN,
  TEST;

  /** Finds a split by its name in folders and files: train or test. */
  @JsonCreator
  public static Split named(String name) {
    for (Split split : values()) {
      if (split.folderName().equals(name)) {
        return split;
      }
    }
    throw new IllegalArgumentException("unknown split '" + name + "', expected train or test");
  }

  /** Its name in folders and files. */
  @JsonValue
  public String folderName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
