package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * One phase of backward data: the input pixels (h, w) with h = row (mod strideH) and w = column
 * (mod strideW). They are met by the same kernel cells, every strideH-th row and strideW-th column
 * of the kernel from some first one on, so their gradient is a convolution of stride 1 over dy with
 * those cells in reverse order. Nothing is scattered and no sum meets a tap that a stride leaves
 * out; a convolution of stride 1 has this one phase.
 *
 * @param shape the convolution
 * @param row the phase along h, below strideH
 * @param column the phase along w, below strideW
 */
record DataPhase(ConvolutionShape shape, int row, int column) {
  /** All phases of {@code shape}: together they are every pixel of the input. */
  static List<DataPhase> of(ConvolutionShape shape) {
    List<DataPhase> phases = new ArrayList<>();
    for (int row = 0; row < Math.min(shape.window().strideH(), shape.h()); row++) {
      for (int column = 0; column < Math.min(shape.window().strideW(), shape.w()); column++) {
        phases.add(new DataPhase(shape, row, column));
      }
    }
    return phases;
  }

  /** Rows of the kernel that meet these pixels; may be 0. */
  int r() {
    Window window = shape.window();
    return cells(window.r(), (row + window.top()) % window.strideH(), window.strideH());
  }

  /** Columns of the kernel that meet these pixels; may be 0. */
  int s() {
    Window window = shape.window();
    return cells(window.s(), (column + window.left()) % window.strideW(), window.strideW());
  }

  /** How many of {@code size} are every stride-th from {@code first} on; no sum overflows. */
  private static int cells(int size, int first, int stride) {
    return first >= size ? 0 : (size - first - 1) / stride + 1;
  }

  /** The row of the kernel that is row {@code i} of this phase. */
  int kernelRow(int i) {
    Window window = shape.window();
    return (row + window.top()) % window.strideH() + (r() - 1 - i) * window.strideH();
  }

  /** The column of the kernel that is column {@code j} of this phase. */
  int kernelColumn(int j) {
    Window window = shape.window();
    return (column + window.left()) % window.strideW() + (s() - 1 - j) * window.strideW();
  }

  /** The patches of dy, one for each pixel of this phase. */
  Patches patches() {
    Window window = shape.window();
    int strideH = window.strideH(), strideW = window.strideW();
    boolean empty = r() == 0 || s() == 0;
    return new Patches(
        shape.p(),
        shape.q(),
        shape.k(),
        shape.yPixelStride(),
        cells(shape.h(), row, strideH),
        cells(shape.w(), column, strideW),
        empty ? 0 : r(),
        empty ? 0 : s(),
        1,
        1,
        r() - 1 - (row + window.top()) / strideH,
        s() - 1 - (column + window.left()) / strideW);
  }

  /** Distance of this phase's first pixel from that of the image. */
  int origin() {
    return (row * shape.w() + column) * shape.xPixelStride();
  }

  /** The pixels of dx, from {@link #origin} on. */
  Target target() {
    Window window = shape.window();
    Patches patches = patches();
    int pixel = shape.xPixelStride(), line = shape.w() * pixel;
    return new Target(
        patches.rows(),
        patches.columns(),
        shape.h() * line,
        window.strideH() * line,
        window.strideW() * pixel);
  }
}
