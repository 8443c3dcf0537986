package convoy.bench;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntToLongFunction;

/**
 * Compares builds of the engine in one JVM: each has a class loader of its own, and their passes
 * run in turns, so that all meet the same neighbours. What a machine gives changes by half from one
 * minute to the next, and by little from one pass to the next.
 *
 * <p>Arguments: the folders of the builds' classes, separated by colons; how often; and
 * convolutions as C,K,kernel,stride,size[,images].
 */
public final class BuildComparison {
  private static final String[] PASSES = {"forward", "backward"};
  private static final int IMAGES = 32;

  private BuildComparison() {}

  /** Prints for each convolution, pass and build the median time and that of the ratios. */
  public static void main(String[] arguments) throws Exception {
    String[] builds = arguments[0].split(":");
    int repetitions = Integer.parseInt(arguments[1]);
    for (int i = 2; i < arguments.length; i++) {
      IntToLongFunction[] passes = new IntToLongFunction[builds.length];
      for (int build = 0; build < builds.length; build++) {
        passes[build] = passes(builds[build], arguments[i]);
      }
      double[][][] millis = measured(passes, repetitions);
      for (int pass = 0; pass < PASSES.length; pass++) {
        for (int build = 0; build < builds.length; build++) {
          double[] own = millis[pass][build], first = millis[pass][0];
          double[] ratios = new double[repetitions];
          Arrays.setAll(ratios, turn -> own[turn] / first[turn]);
          System.out.printf(
              Locale.ROOT,
              "%s %s, build %d: %.2f ms, %.3f of the first%n",
              arguments[i],
              PASSES[pass],
              build,
              median(own),
              median(ratios));
        }
      }
    }
  }

  private static IntToLongFunction passes(String classes, String convolution) throws Exception {
    int[] sizes = Arrays.stream(convolution.split(",")).mapToInt(Integer::parseInt).toArray();
    URL own = BuildComparison.class.getProtectionDomain().getCodeSource().getLocation();
    URL[] path = {Path.of(classes).toUri().toURL(), own};
    ClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    return (IntToLongFunction)
        loader
            .loadClass(ConvolutionPasses.class.getName())
            .getConstructors()[0]
            .newInstance(
                sizes[0],
                sizes[1],
                sizes[2],
                sizes[3],
                sizes[4],
                sizes.length > 5 ? sizes[5] : IMAGES);
  }

  /** Milliseconds by pass, build and turn, after a third as many turns to warm up. */
  private static double[][][] measured(IntToLongFunction[] passes, int repetitions) {
    double[][][] millis = new double[PASSES.length][passes.length][repetitions];
    for (int turn = -repetitions / 3; turn < repetitions; turn++) {
      for (int pass = 0; pass < PASSES.length; pass++) {
        for (int i = 0; i < passes.length; i++) {
          // Each build is the first one as often as the others.
          int build = Math.floorMod(i + turn, passes.length);
          double time = passes[build].applyAsLong(pass) * 1e-6;
          if (turn >= 0) {
            millis[pass][build][turn] = time;
          }
        }
      }
    }
    return millis;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
