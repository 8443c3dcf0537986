package convoy.engine.kernel.vector;

/**
 * Where the rows of a product go: row (n, i, j) of the matrix to the pixel at n * imageStride + i *
 * rowStride + j * columnStride.
 *
 * @param rows rows of the grid of pixels
 * @param columns columns of the grid of pixels
 * @param imageStride floats from one image to the next
 * @param rowStride floats from one row of the grid to the next
 * @param columnStride floats from one column of the grid to the next
 */
record Target(int rows, int columns, int imageStride, int rowStride, int columnStride) {
  /** Distance of row {@code row} of the matrix from the first one's pixel. */
  int offset(int row) {
    if (isEven()) {
      return row * columnStride;
    }
    int n = row / (rows * columns), i = row / columns % rows, j = row % columns;
    return n * imageStride + i * rowStride + j * columnStride;
  }

  /** Whether all rows are the same distance apart: {@link #columnStride}. */
  boolean isEven() {
    return rowStride == columns * columnStride && imageStride == rows * rowStride;
  }
}
