package convoy.engine.layer;

/** A layer that only looks at its input differently: the values and their gradient stay. */
public sealed interface View extends Layer permits Flatten, Linear {}
