package convoy.engine.layer;

/** A layer whose window slides over its input. */
public sealed interface Windowed permits Convolution, Pooling, Filter {
  /** Its size, stride and padding. */
  SlidingWindow window();
}
