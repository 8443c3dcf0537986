package convoy.engine.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;
import java.util.Optional;

/**
 * When a training ends before its last epoch: once {@code patience} validations in a row were not
 * better, by more than {@code minDelta}, than the last one that was.
 *
 * @param patience validations in a row that end it; 1 or more, or 0 (the default) to train all
 *     epochs
 * @param metric of the validation that is watched; default {@link Metric#LOSS}
 * @param minDelta what a validation must be better by, in units of the metric; 0 or more, default 0
 */
public record EarlyStopping(int patience, Metric metric, double minDelta) implements Serializable {
  /** All epochs are trained. */
  public static final EarlyStopping OFF = new EarlyStopping(0, Metric.LOSS, 0);

  /** What is watched. */
  public enum Metric {
    /** The mean loss, which is better where it is less. */
    LOSS,
    /** The share of images that are right, which is better where it is more. */
    ACCURACY
  }

  /**
   * What has been seen so far, in each checkpoint.
   *
   * @param metric that was watched
   * @param reference the value that validations have to better: that of the last one which did
   * @param validations that did not since then
   */
  public record Waiting(Metric metric, double reference, int validations) {

    public Waiting {
      if (!Double.isFinite(reference)) {
        throw new IllegalArgumentException(
            "reference is " + reference + ", wanted a finite number");
      }
      if (validations < 0) {
        throw new IllegalArgumentException("validations is " + validations + ", wanted 0 or more");
      }
    }
  }

  public EarlyStopping {
    if (patience < 0) {
      throw new IllegalArgumentException("patience is " + patience + ", wanted 0 or more");
    }
    if (!(minDelta >= 0) || Double.isInfinite(minDelta)) {
      throw new IllegalArgumentException("minDelta is " + minDelta + ", wanted 0 or more");
    }
  }

  static EarlyStopping read(Settings settings) {
    settings.onlyKeys("patience", "metric", "minDelta");
    int patience = settings.integer("patience", OFF.patience);
    Metric metric = settings.constant("metric", "metric", OFF.metric);
    double minDelta = settings.number("minDelta", OFF.minDelta);
    return settings.checked(() -> new EarlyStopping(patience, metric, minDelta));
  }

  ObjectNode toTree() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("patience", patience)
        .put("metric", Settings.name(metric))
        .put("minDelta", minDelta);
  }

  /** Whether a training may end early. */
  public boolean isOn() {
    return patience > 0;
  }

  /**
   * What has been seen after one more validation.
   *
   * @param before it; empty, or of another metric, if this is the first that is watched
   * @param loss of the validation
   * @param accuracy of the validation
   * @return empty if no training ends early
   */
  public Optional<Waiting> after(Optional<Waiting> before, double loss, double accuracy) {
    if (!isOn()) {
      return Optional.empty();
    }
    double value = metric == Metric.LOSS ? loss : accuracy;
    Optional<Waiting> known = before.filter(waiting -> waiting.metric == metric);
    if (known.isEmpty() || isBetter(value, known.get().reference)) {
      return Optional.of(new Waiting(metric, value, 0));
    }
    return Optional.of(new Waiting(metric, known.get().reference, known.get().validations + 1));
  }

  private boolean isBetter(double value, double reference) {
    return metric == Metric.LOSS ? value < reference - minDelta : value > reference + minDelta;
  }

  /** Whether the training is to end where so much has been seen. */
  public boolean ends(Optional<Waiting> waiting) {
    return isOn()
        && waiting.isPresent()
        && waiting.get().metric == metric
        && waiting.get().validations >= patience;
  }
}
