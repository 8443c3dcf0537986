/**
 * What stands between bin/convoy and spark-submit: the launch options, the settings that fit the
 * machine, and a standalone cluster on loopback.
 *
 * <p>Runs in a small JVM of its own beside the driver. May use {@code convoy.job}, Spark's launcher
 * and picocli. Start at {@link convoy.launch.Launcher}.
 */
package convoy.launch;
