package convoy.run;

import java.util.List;

/**
 * Which trained model's weights a run began with; the content of origin.json.
 *
 * @param model where it lay
 * @param weightsDigest of its weights
 * @param taken names of the parameters that were the model's
 * @param initial names of the others, which had their initial values, in the order of the layout
 */
public record Origin(String model, String weightsDigest, List<String> taken, List<String> initial) {
  public Origin {
    taken = List.copyOf(taken);
    initial = List.copyOf(initial);
  }

  /** The same for people to read. */
  public String line() {
    int all = taken.size() + initial.size();
    String takes = "takes " + taken.size() + " of " + all + " parameters from " + model;
    return initial.isEmpty() ? takes : takes + "; new: " + String.join(", ", initial);
  }
}
