package convoy.job;

import convoy.engine.network.StepTime;

/**
 * How near a step comes to the floor of Winograd's F(4x4, 3x3), as {@link
 * convoy.engine.kernel.vector.WinogradFloor} defines it; the keys of one of {@code floors} in
 * {@code --json}.
 *
 * @param name of the step
 * @param forwardMillis the floor of its forward pass
 * @param backwardMillis the floor of its backward pass; 0 where it has nothing to do
 * @param forwardShare the floor by the time that the forward pass took
 * @param backwardShare the floor by the time that the backward pass took; 0 where that is none
 * @param share the floor of both passes by their time
 */
record FloorShare(
    String name,
    double forwardMillis,
    double backwardMillis,
    double forwardShare,
    double backwardShare,
    double share) {

  /** The shares of floors of so many milliseconds in what {@code time} says. */
  static FloorShare of(double forwardMillis, double backwardMillis, StepTime time) {
    return new FloorShare(
        time.name(),
        forwardMillis,
        backwardMillis,
        forwardMillis / time.forwardMillis(),
        backwardMillis == 0 ? 0 : backwardMillis / time.backwardMillis(),
        (forwardMillis + backwardMillis) / time.millis());
  }
}
