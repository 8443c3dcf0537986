package convoy.evaluation;

import convoy.engine.data.ImageView;
import convoy.engine.network.NetworkSpec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Which models look at each image, and how.
 *
 * @param networks of the models, as YAML
 * @param views the images as each model sees them; one or more
 * @param mean whether the mean of the probabilities under all views is a further column: test-time
 *     augmentation
 */
record ScoringPlan(List<String> networks, List<ImageView> views, boolean mean)
    implements Serializable {
  /** The name of the column of the mean. */
  static final String MEAN = "mean";

  ScoringPlan {
    networks = List.copyOf(networks);
    views = List.copyOf(views);
    if (networks.isEmpty() || views.isEmpty()) {
      throw new IllegalArgumentException("wanted at least one model and one view");
    }
  }

  List<NetworkSpec> specs() {
    return networks.stream().map(yaml -> NetworkSpec.fromYaml("network", yaml)).toList();
  }

  /** The names of the columns: those of the views, and of their mean. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    views.forEach(view -> columns.add(view.name()));
    if (mean) {
      columns.add(MEAN);
    }
    return columns;
  }
}
