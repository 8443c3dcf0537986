package convoy.evaluation;

/**
 * An image that was taken for another class.
 *
 * @param id its number in its split
 * @param label its class
 * @param predicted what it was taken for
 * @param confidence the probability of that class
 */
public record Mistake(long id, int label, int predicted, double confidence) {}
