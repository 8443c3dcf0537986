package convoy.registry;

import java.util.List;

/**
 * Whether a challenger is to become the champion.
 *
 * @param promote whether it is
 * @param reasons a line for each thing that was looked at, those against it first
 */
public record Decision(boolean promote, List<String> reasons) {
  public Decision {
    reasons = List.copyOf(reasons);
  }
}
