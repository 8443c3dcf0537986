/**
 * Images to Parquet: the sources, the order of rows, the data set on disk and its reader.
 *
 * <p>Uses {@link convoy.storage}, the engine's random keys, Jackson, Spark SQL and Hadoop's client.
 * Start at {@link convoy.dataprep.Prepare} for writing a data set and at {@link
 * convoy.dataprep.ImageDataset} for reading one; {@link convoy.dataprep.ContentHash} says what
 * decides a row's place.
 */
package convoy.dataprep;
