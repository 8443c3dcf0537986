package convoy.engine.layer;

import java.util.Arrays;
import java.util.List;

/** How the weights of a layer get their first values, before its sizes are known. */
public enum Initialization {
  GLOROT_UNIFORM("glorotUniform"),
  GLOROT_NORMAL("glorotNormal"),
  HE_UNIFORM("heUniform"),
  HE_NORMAL("heNormal");

  private final String key;

  Initialization(String key) {
    this.key = key;
  }

  /** The name in settings: "heNormal". */
  public String key() {
    return key;
  }

  /** All names. */
  public static List<String> keys() {
    return Arrays.stream(values()).map(Initialization::key).toList();
  }

  /** The one of that name, which is one of {@link #keys}. */
  public static Initialization of(String key) {
    return values()[keys().indexOf(key)];
  }

  /** The initializer of weights by which each output has {@code fanIn} inputs, and so on. */
  Initializer initializer(long fanIn, long fanOut) {
    return switch (this) {
      case GLOROT_UNIFORM -> new Initializer.GlorotUniform(fanIn, fanOut);
      case GLOROT_NORMAL -> new Initializer.GlorotNormal(fanIn, fanOut);
      case HE_UNIFORM -> new Initializer.HeUniform(fanIn);
      case HE_NORMAL -> new Initializer.HeNormal(fanIn);
    };
  }
}
