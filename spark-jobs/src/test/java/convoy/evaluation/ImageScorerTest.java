package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.engine.data.ImageView;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.sharding.LabelledImage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageScorerTest {
  private static final NetworkSpec NETWORK = TestData.network();
  private static final Parameters PARAMETERS = Parameters.initial(NETWORK.layout(), 5);

  /** Images that are made when they are asked for, each a function of its id. */
  private static final class Images implements Iterator<LabelledImage> {
    private final long count;
    private final boolean flipped;
    private long made;

    Images(long count, boolean flipped) {
      this.count = count;
      this.flipped = flipped;
    }

    @Override
    public boolean hasNext() {
      return made < count;
    }

    @Override
    public LabelledImage next() {
      byte[] pixels = new byte[32 * 32 * 3];
      new Random(made).nextBytes(pixels);
      return new LabelledImage(made++, 1, "", flipped ? flipped(pixels) : pixels);
    }

    private static byte[] flipped(byte[] pixels) {
      byte[] flipped = new byte[pixels.length];
      for (int pixel = 0; pixel < 32 * 32; pixel++) {
        int other = pixel / 32 * 32 + 31 - pixel % 32;
        System.arraycopy(pixels, 3 * pixel, flipped, 3 * other, 3);
      }
      return flipped;
    }
  }

  @Test
  void moreThanABatchIsNeverAskedForInAdvance() {
    Images images = new Images(10_000, false);
    try (ImageScorer scorer = scorer(images, plan(false, new ImageView.Clean()))) {
      for (long id = 0; scorer.hasNext(); id++) {
        assertEquals(id, scorer.next().id());
        assertTrue(images.made <= id + 32, images.made + " were read for " + id);
      }
      assertEquals(10_000, images.made);
    }
  }

  @Test
  void meanIsThatOfTheProbabilitiesUnderAllViews() {
    ScoringPlan both = plan(true, new ImageView.Clean(), new ImageView.Flip());
    ScoringPlan clean = plan(false, new ImageView.Clean());
    List<ScoredImage> found = all(new Images(70, false), both);
    List<ScoredImage> straight = all(new Images(70, false), clean);
    List<ScoredImage> flipped = all(new Images(70, true), clean);
    assertEquals(70, found.size());
    for (int id = 0; id < 70; id++) {
      float[][] outputs = found.get(id).outputs()[0];
      assertArrayEquals(straight.get(id).outputs()[0][0], outputs[0]);
      assertArrayEquals(flipped.get(id).outputs()[0][0], outputs[1]);
      double[] first = softmax(outputs[0]),
          second = softmax(outputs[1]),
          mean = softmax(outputs[2]);
      for (int c = 0; c < 3; c++) {
        assertEquals((first[c] + second[c]) / 2, mean[c], 1e-6);
      }
    }
  }

  @Test
  void meanOfASigmoidsOutputsIsTheirMean() {
    NetworkSpec sigmoid = NetworkSpec.fromYaml("sigmoid", TestData.NETWORK + "  - sigmoid\n");
    List<String> yaml = List.of(sigmoid.toYaml());
    List<ImageView> views = List.of(new ImageView.Clean(), new ImageView.Flip());
    try (ImageScorer scorer = scorer(new Images(3, false), new ScoringPlan(yaml, views, true))) {
      while (scorer.hasNext()) {
        float[][] outputs = scorer.next().outputs()[0];
        for (int c = 0; c < 3; c++) {
          assertTrue(outputs[0][c] > 0 && outputs[0][c] < 1);
          assertEquals((outputs[0][c] + outputs[1][c]) / 2, outputs[2][c], 1e-7);
        }
      }
    }
  }

  private static double[] softmax(float[] scores) {
    double sum = 0;
    double[] shares = new double[scores.length];
    for (int c = 0; c < scores.length; c++) {
      shares[c] = Math.exp(scores[c]);
      sum += shares[c];
    }
    for (int c = 0; c < scores.length; c++) {
      shares[c] /= sum;
    }
    return shares;
  }

  private static List<ScoredImage> all(Images images, ScoringPlan plan) {
    List<ScoredImage> all = new ArrayList<>();
    try (ImageScorer scorer = scorer(images, plan)) {
      scorer.forEachRemaining(all::add);
    }
    return all;
  }

  private static ScoringPlan plan(boolean mean, ImageView... views) {
    return new ScoringPlan(List.of(NETWORK.toYaml()), List.of(views), mean);
  }

  private static ImageScorer scorer(Images images, ScoringPlan plan) {
    float[][] parameters = {PARAMETERS.values()};
    return new ImageScorer(images, plan, ScoringNetworks.take(plan.toString(), plan, parameters));
  }
}
