package convoy.engine.data;

import convoy.engine.tensor.Shape;

/** Images of no meaning, to measure speed with, which depends on sizes alone. */
public final class TrialImages {
  private TrialImages() {}

  /**
   * A shard of them.
   *
   * @param image the shape of one image (n = 1)
   * @param count how many
   * @param classes of their labels
   */
  public static Shard shard(Shape image, int count, int classes) {
    byte[] pixels = new byte[count * image.imageSize()];
    int[] labels = new int[count];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37 + i / 251);
    }
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
    }
    return new Shard(image, pixels, labels);
  }
}
