package convoy.engine.layer;

/** The weights of a classic filter, an odd number of rows and as many columns. */
public sealed interface FilterKernel {
  /** The key of the filter's layer: "gaussian". */
  String kind();

  /** Rows, and columns. */
  int size();

  /** The weights row by row, as cross-correlation applies them. */
  float[] weights();

  /**
   * Sobel's derivative, as OpenCV's Sobel with a 3x3 kernel. By x: -1 0 1 / -2 0 2 / -1 0 1, which
   * is positive where the image grows brighter to the right; by y the same transposed, positive
   * where it grows brighter downwards. Sobel and Feldman, "A 3x3 Isotropic Gradient Operator for
   * Image Processing", 1968.
   */
  enum Sobel implements FilterKernel {
    /** The derivative along a row. */
    X,
    /** The derivative along a column. */
    Y;

    @Override
    public String kind() {
      return "sobel" + name();
    }

    @Override
    public int size() {
      return 3;
    }

    @Override
    public float[] weights() {
      float[] w = new float[9];
      for (int along = 0; along < 3; along++) {
        for (int across = 0; across < 3; across++) {
          int cell = this == X ? across * 3 + along : along * 3 + across;
          w[cell] = (along - 1) * (across == 1 ? 2 : 1);
        }
      }
      return w;
    }
  }

  /**
   * Gauss' bell: the weight of a cell (i, j) away from the middle is e^-((i^2 + j^2) / (2
   * sigma^2)), divided by the sum of all. It is the product of OpenCV's getGaussianKernel with
   * itself, and follows it where sigma is 0 or less: sizes up to 9 have whole numbers over a power
   * of two then, and larger ones sigma = 0.3 ((size - 1) / 2 - 1) + 0.8.
   *
   * @param size rows and columns, odd, 1 to 1023
   * @param sigma the standard deviation in pixels; 0 or less for what fits the size
   */
  record Gaussian(int size, double sigma) implements FilterKernel {
    private static final int LARGEST = 1023;

    /** For sizes 1, 3, 5, 7 and 9 without a sigma, from the middle outwards. */
    private static final int[][] SMALL = {
      {1}, {2, 1}, {6, 4, 1}, {18, 14, 7, 2}, {60, 51, 30, 13, 4}
    };

    public Gaussian {
      if (size < 1 || size > LARGEST || size % 2 == 0) {
        throw new IllegalArgumentException(
            "gaussian: size is " + size + ", wanted an odd number from 1 to " + LARGEST);
      }
      if (!Double.isFinite(sigma)) {
        throw new IllegalArgumentException("gaussian: sigma is " + sigma + ", wanted a number");
      }
    }

    @Override
    public String kind() {
      return "gaussian";
    }

    @Override
    public float[] weights() {
      float[] w = new float[size * size];
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += bell(i);
      }
      for (int r = 0; r < size; r++) {
        for (int s = 0; s < size; s++) {
          w[r * size + s] = (float) (bell(r) / sum * (bell(s) / sum));
        }
      }
      return w;
    }

    /** The weight of row or column {@code i}, times a number that is the same for all. */
    private double bell(int i) {
      int middle = size / 2;
      if (sigma <= 0 && middle < SMALL.length) {
        return SMALL[middle][Math.abs(i - middle)];
      }
      double deviation = sigma > 0 ? sigma : 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
      double distance = (i - middle) / deviation;
      return StrictMath.exp(-0.5 * distance * distance);
    }
  }

  /** The bell of sigma 1 as textbooks round it: whole numbers of 5x5 cells, divided by 273. */
  enum IntegerGaussian implements FilterKernel {
    /** 1 4 7 4 1 / 4 16 26 16 4 / 7 26 41 26 7 / 4 16 26 16 4 / 1 4 7 4 1. */
    FIVE;

    /** By the distances from the middle, the larger one first. */
    private static final int[][] WEIGHTS = {{41}, {26, 16}, {7, 4, 1}};

    private static final double SUM = 273;

    @Override
    public String kind() {
      return "gaussian";
    }

    @Override
    public int size() {
      return 5;
    }

    @Override
    public float[] weights() {
      float[] w = new float[25];
      for (int cell = 0; cell < w.length; cell++) {
        int rows = Math.abs(cell / 5 - 2), columns = Math.abs(cell % 5 - 2);
        int weight = WEIGHTS[Math.max(rows, columns)][Math.min(rows, columns)];
        w[cell] = (float) (weight / SUM);
      }
      return w;
    }
  }
}
