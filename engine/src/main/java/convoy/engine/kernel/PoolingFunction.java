package convoy.engine.kernel;

/** What a pooling makes of the cells under its window that lie inside the image. */
public enum PoolingFunction {
  /** The largest; the first NaN wins. Of no cell: minus infinity. */
  MAX(Float.NEGATIVE_INFINITY),
  /** Their sum, in the order of rows and columns, divided by their number. Of no cell: NaN. */
  MEAN(Float.NaN),
  /** The smallest; the first NaN wins. Of no cell: plus infinity. */
  MIN(Float.POSITIVE_INFINITY);

  private final float ofNoCell;

  PoolingFunction(float ofNoCell) {
    this.ofNoCell = ofNoCell;
  }

  /** The output of a window that lies wholly outside the image. */
  public float ofNoCell() {
    return ofNoCell;
  }
}
