/**
 * One thin main class for each command: parse, call, report, stop.
 *
 * <p>A {@link convoy.job.Job} holds its options as picocli fields; {@link convoy.job.JobRunner}
 * runs it, writes its result for {@code --json} and turns what goes wrong into one line and an exit
 * status. Each job starts under a plain spark-submit as well as under bin/convoy. May use every
 * other package except {@code convoy.launch}. Start at {@code JobRunner}.
 */
package convoy.job;
