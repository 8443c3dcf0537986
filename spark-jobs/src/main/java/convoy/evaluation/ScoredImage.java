package convoy.evaluation;

/**
 * What the models make of one image.
 *
 * @param id its number in its split
 * @param label its class, or -1 where the data set does not tell it
 * @param outputs for each model and column the outputs of the classes, as the model's last layer
 *     puts them out
 */
record ScoredImage(long id, int label, float[][][] outputs) {}
