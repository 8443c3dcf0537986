package convoy.evaluation;

/**
 * An image that was taken for another class.
 *
 * @param id its number in its split
 * @param name its file below the data set's source, empty if it had none of its own
 * @param label its class
 * @param predicted what it was taken for
 * @param confidence the probability of that class
 */
public record Mistake(long id, String name, int label, int predicted, double confidence) {}
