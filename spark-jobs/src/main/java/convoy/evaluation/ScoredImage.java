package convoy.evaluation;

/**
 * What the models make of one image.
 *
 * @param id its number in its split
 * @param label its class, or {@link convoy.dataprep.ImageDataset#NO_LABEL} where the data set does
 *     not tell it
 * @param name its file below the data set's source, empty if it had none of its own
 * @param outputs for each model and column the outputs of the classes, as the model's last layer
 *     puts them out
 */
record ScoredImage(long id, int label, String name, float[][][] outputs) {}
