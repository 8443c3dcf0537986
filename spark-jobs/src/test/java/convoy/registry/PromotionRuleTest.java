package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.PairedAnswers;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromotionRuleTest {
  private static final List<String> CLASSES = List.of("cat", "dog");

  @Test
  void clearlyBetterOneIsPromoted() {
    Decision decision = decide(PromotionRule.DEFAULT, 60, 60, 80, 80);
    assertTrue(decision.promote(), decision.toString());
    assertEquals(
        List.of(
            "accuracy 80.00% against the champion's 60.00%: +20.00 points, wanted more than 0",
            "McNemar's test: alone right on 40 images to 0, p = 1.82e-12, wanted at most 0.0500",
            "no class's recall fell by more than 5.00 points"),
        decision.reasons());
  }

  @Test
  void equallyGoodOneIsNot() {
    Decision decision = decide(PromotionRule.DEFAULT, 60, 60, 60, 60);
    assertFalse(decision.promote());
    assertTrue(decision.reasons().get(0).startsWith("accuracy 60.00%"), decision.toString());
  }

  @Test
  void gainThatMayBeChanceIsNotEnough() {
    Decision decision = decide(PromotionRule.DEFAULT, 60, 60, 61, 61);
    assertFalse(decision.promote());
    assertTrue(decision.reasons().get(0).startsWith("McNemar's test"), decision.toString());
    assertTrue(decide(new PromotionRule(0, 0.5, 0.05), 60, 60, 61, 61).promote());
  }

  @Test
  void gainBelowTheMarginIsNotEnough() {
    assertFalse(decide(new PromotionRule(0.21, 0.05, 0.05), 60, 60, 80, 80).promote());
    assertTrue(decide(new PromotionRule(0.2, 0.05, 0.05), 60, 60, 80, 80).promote());
  }

  @Test
  void classThatFellTooMuchForbidsIt() {
    Decision decision = decide(PromotionRule.DEFAULT, 60, 60, 54, 90);
    assertFalse(decision.promote());
    assertEquals(
        "class cat: recall fell from 60.00% to 54.00%, by more than 5.00 points",
        decision.reasons().get(0));
    assertTrue(decide(PromotionRule.DEFAULT, 60, 60, 55, 90).promote());
  }

  /** 0.7 - 0.6 is a little less than 0.1 in double, 0.9 - 0.85 a little more than 0.05. */
  @Test
  void whatIsAllowedIsAllowedWithoutARest() {
    assertTrue(decide(new PromotionRule(0.1, 0.05, 0), 60, 60, 70, 70).promote());
    assertTrue(decide(new PromotionRule(0, 0.05, 0.05), 90, 50, 85, 80).promote());
    assertFalse(decide(new PromotionRule(0, 0.05, 0.05), 90, 50, 84, 80).promote());
  }

  @Test
  void ruleWithoutSenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PromotionRule(-0.1, 0.05, 0));
    assertThrows(IllegalArgumentException.class, () -> new PromotionRule(0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new PromotionRule(0, 0.05, Double.NaN));
  }

  /** Of a hundred images of each class the first so many are right. */
  private static Decision decide(
      PromotionRule rule, int oldCats, int oldDogs, int newCats, int newDogs) {
    ConfusionMatrix champion = new ConfusionMatrix(2), challenger = new ConfusionMatrix(2);
    PairedAnswers answers = new PairedAnswers(2);
    int[] old = {oldCats, oldDogs}, now = {newCats, newDogs};
    for (int label = 0; label < 2; label++) {
      for (int i = 0; i < 100; i++) {
        boolean first = i < old[label], second = i < now[label];
        champion.add(label, first ? label : 1 - label);
        challenger.add(label, second ? label : 1 - label);
        answers.add(label, first, second);
      }
    }
    return rule.decide(champion, challenger, answers, CLASSES);
  }
}
