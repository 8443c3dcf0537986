package convoy.registry;

import convoy.registry.RetrainingResult.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a challenger.
 *
 * @param outcome whether it became the champion, and if not, for which kind of reason
 * @param champion the version that is the champion then
 * @param reasons why, a line each
 */
record Verdict(Outcome outcome, long champion, List<String> reasons) {

  /**
   * Promotes {@code challenger} if that was decided.
   *
   * @param seen the promotion of the champion that it was compared with, if there was one
   * @param wasMadeBefore whether an earlier call had made it, and may have promoted it as well
   */
  static Verdict of(
      Registry registry, Optional<Promotion> seen, Version challenger, boolean wasMadeBefore)
      throws IOException {
    long number = challenger.version();
    Decision decision = challenger.training().decision();
    if (!decision.promote()) {
      return new Verdict(Outcome.NOT_BETTER, champion(seen), decision.reasons());
    }
    if (champion(registry.champion()) == number) {
      // By another process of the same retraining, since this one looked for the champion.
      return new Verdict(Outcome.PROMOTED, number, decision.reasons());
    }
    if (wasMadeBefore && registry.wasChampion(number)) {
      return new Verdict(
          Outcome.NOT_BETTER,
          champion(seen),
          List.of(
              "this retraining made version "
                  + number
                  + " before, which was the champion and was taken back: promote it by hand"));
    }
    String reason = decision.reasons().get(0);
    if (registry.promote(seen, number, Promotion.Kind.PROMOTION, reason).isPresent()) {
      return new Verdict(Outcome.PROMOTED, number, decision.reasons());
    }
    return new Verdict(
        Outcome.OVERTAKEN,
        champion(registry.champion()),
        List.of(
            "another promotion was made meanwhile, version "
                + number
                + " stays unpromoted: run the retraining again, against the new champion"));
  }

  private static long champion(Optional<Promotion> highest) {
    return highest.map(Promotion::version).orElse(0L);
  }
}
