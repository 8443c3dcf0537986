package convoy.engine.evaluation;

/**
 * How probable a network holds a class to be.
 *
 * @param name of the class; its index, where the network has no class names
 * @param index its place among the network's classes, from 0
 * @param probability in [0, 1]
 */
public record ClassProbability(String name, int index, double probability) {}
