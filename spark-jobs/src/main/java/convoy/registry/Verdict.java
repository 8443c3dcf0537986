package convoy.registry;

import convoy.registry.RetrainingResult.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of a challenger.
 *
 * @param outcome whether it became the champion, and if not, for which kind of reason
 * @param champion the promotion of the champion then, if there is one
 * @param reasons why, a line each
 */
record Verdict(Outcome outcome, Optional<Promotion> champion, List<String> reasons) {

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
      return new Verdict(Outcome.NOT_BETTER, registry.champion(), decision.reasons());
    }
    Optional<Promotion> own = registry.champion().filter(now -> now.version() == number);
    if (own.isPresent()) {
      // By another process of the same retraining, since this one looked for the champion.
      return new Verdict(Outcome.PROMOTED, own, decision.reasons());
    }
    if (wasMadeBefore && registry.wasChampion(number)) {
      return new Verdict(
          Outcome.NOT_BETTER,
          registry.champion(),
          List.of(
              "this retraining made version "
                  + number
                  + " before, which was the champion and was taken back: promote it by hand"));
    }
    String reason = decision.reasons().get(0);
    own = registry.promote(seen, number, Promotion.Kind.PROMOTION, reason);
    if (own.isPresent()) {
      return new Verdict(Outcome.PROMOTED, own, decision.reasons());
    }
    Optional<Promotion> now = registry.champion();
    if (now.isPresent() && now.get().version() == number) {
      return new Verdict(Outcome.PROMOTED, now, decision.reasons());
    }
    return new Verdict(
        Outcome.OVERTAKEN,
        now,
        List.of(
            "another promotion was made meanwhile, version "
                + number
                + " stays unpromoted: run the retraining again, against the new champion"));
  }
}
