package convoy.engine.layer;

import convoy.engine.tensor.Shape;

/**
 * A window that slides over an image, with the padding above and to the left of it, for the twins.
 */
record Slide(int R, int S, int strideH, int strideW, int top, int left, int P, int Q) {

  /** What happens where cell r * S + s of the window at an output lies on an input pixel. */
  @FunctionalInterface
  interface Meeting {
    void at(int output, int input, int cell);
  }

  static Slide of(SlidingWindow window, Shape x) {
    int R = window.r(), S = window.s(), strideH = window.strideH(), strideW = window.strideW();
    if (window.padding() instanceof Padding.Same) {
      // Every pixel that a stride reaches gets a window; what is missing is shared by both sides.
      int P = (int) Math.ceil((double) x.h() / strideH);
      int Q = (int) Math.ceil((double) x.w() / strideW);
      int top = Math.max(0, (P - 1) * strideH + R - x.h()) / 2;
      int left = Math.max(0, (Q - 1) * strideW + S - x.w()) / 2;
      return new Slide(R, S, strideH, strideW, top, left, P, Q);
    }
    Padding.Explicit sides =
        window.padding() instanceof Padding.Explicit explicit
            ? explicit
            : new Padding.Explicit(0, 0, 0, 0);
    int P = 0;
    while (P * strideH + R <= x.h() + sides.top() + sides.bottom()) {
      P++;
    }
    int Q = 0;
    while (Q * strideW + S <= x.w() + sides.left() + sides.right()) {
      Q++;
    }
    return new Slide(R, S, strideH, strideW, sides.top(), sides.left(), P, Q);
  }

  /** Calls {@code meeting} for every cell of every window that lies on a pixel, in order. */
  void forEachMeeting(Shape x, Meeting meeting) {
    for (int n = 0; n < x.n(); n++) {
      for (int p = 0; p < P(); p++) {
        for (int q = 0; q < Q(); q++) {
          for (int r = 0; r < R(); r++) {
            for (int s = 0; s < S(); s++) {
              int h = p * strideH() + r - top();
              int w = q * strideW() + s - left();
              if (h >= 0 && h < x.h() && w >= 0 && w < x.w()) {
                int output = (n * P() + p) * Q() + q;
                int input = (n * x.h() + h) * x.w() + w;
                meeting.at(output, input, r * S() + s);
              }
            }
          }
        }
      }
    }
  }
}
