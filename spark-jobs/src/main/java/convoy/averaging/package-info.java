/**
 * Parameter averaging over Spark: the driver's loop, and what a task does.
 *
 * <p>May use the engine, {@code convoy.storage}, {@code convoy.dataprep} and Spark.
 */
package convoy.averaging;
