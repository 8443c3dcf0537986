/**
 * Files and folders at Hadoop URIs: local, HDFS, object stores.
 *
 * <p>Uses the JDK, Jackson and Hadoop's client; knows nothing of data sets, networks or Spark.
 * Every other package of data-prep and spark-jobs that touches a file at a URI does it through
 * here. Start at {@link convoy.storage.Storage}.
 */
package convoy.storage;
