package convoy.evaluation;

import convoy.engine.data.ImageView;
import convoy.engine.tensor.Shape;
import convoy.sharding.LabelledImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Shows images to models, batch by batch, as they are asked for: the memory does not grow with the
 * number of images. After the last image the models are free for others; one that is not used to
 * its end is to be closed, which ends the models' threads.
 */
final class ImageScorer implements Iterator<ScoredImage>, AutoCloseable {
  private final Iterator<LabelledImage> images;
  private final ScoringPlan plan;
  private final Shape image;
  private final byte[][] view;
  private final Deque<ScoredImage> scored = new ArrayDeque<>();
  private Optional<ScoringNetworks> models;

  /**
   * Scores {@code images}.
   *
   * @param models those of {@code plan}, which nobody else may use meanwhile
   */
  ImageScorer(Iterator<LabelledImage> images, ScoringPlan plan, ScoringNetworks models) {
    this.images = images;
    this.plan = plan;
    this.models = Optional.of(models);
    image = plan.specs().get(0).input();
    view = new byte[ScoringNetworks.BATCH_SIZE][image.imageSize()];
  }

  @Override
  public boolean hasNext() {
    boolean more = !scored.isEmpty() || images.hasNext();
    if (!more) {
      models.ifPresent(ScoringNetworks::giveBack);
      models = Optional.empty();
    }
    return more;
  }

  @Override
  public ScoredImage next() {
    if (scored.isEmpty()) {
      if (!images.hasNext()) {
        throw new NoSuchElementException("no image left");
      }
      scoreBatch();
    }
    return scored.remove();
  }

  private void scoreBatch() {
    List<ScoringNetwork> networks = models.orElseThrow().list();
    List<LabelledImage> batch = new ArrayList<>(view.length);
    while (batch.size() < view.length && images.hasNext()) {
      batch.add(images.next());
    }
    int count = batch.size();
    int columns = plan.columns().size();
    float[][][][] outputs = new float[count][networks.size()][columns][];
    for (int v = 0; v < plan.views().size(); v++) {
      write(plan.views().get(v), batch);
      for (int m = 0; m < networks.size(); m++) {
        float[][] found = networks.get(m).outputs(view, count);
        for (int n = 0; n < count; n++) {
          outputs[n][m][v] = found[n];
        }
      }
    }
    for (int n = 0; n < count; n++) {
      if (plan.mean()) {
        for (int m = 0; m < networks.size(); m++) {
          outputs[n][m][columns - 1] = mean(networks.get(m), outputs[n][m]);
        }
      }
      LabelledImage shown = batch.get(n);
      scored.add(new ScoredImage(shown.id(), shown.label(), shown.name(), outputs[n]));
    }
  }

  private void write(ImageView shown, List<LabelledImage> batch) {
    for (int n = 0; n < batch.size(); n++) {
      shown.write(image, batch.get(n).pixels(), batch.get(n).id(), view[n]);
    }
  }

  /**
   * Outputs that stand for the mean of the probabilities under all views, whose outputs are the
   * first columns: their logarithms are scores of which the mean is the softmax.
   */
  private float[] mean(ScoringNetwork network, float[][] outputs) {
    int classes = outputs[0].length, views = plan.views().size();
    double[] one = new double[classes], sum = new double[classes];
    for (int v = 0; v < views; v++) {
      network.probabilities().write(outputs[v], 0, one);
      for (int c = 0; c < classes; c++) {
        sum[c] += one[c];
      }
    }
    float[] mean = new float[classes];
    for (int c = 0; c < classes; c++) {
      double value = sum[c] / views;
      // A probability that was rounded to zero is below the smallest double, not none.
      double score = StrictMath.log(Math.max(value, Double.MIN_VALUE));
      mean[c] = (float) (network.probabilities().areOutputs() ? value : score);
    }
    return mean;
  }

  @Override
  public void close() {
    models.ifPresent(ScoringNetworks::close);
    models = Optional.empty();
  }
}
