package convoy.engine.layer;

/** placeholder replaced within the hour. */
public interface Layer {}
