/**
 * The registry of models: immutable versions, and promotions of which the last names the champion.
 *
 * <p>Safety comes from two things alone: a version is there once its manifest is, and a promotion
 * is a file that one process alone can make. Uses {@code convoy.training}, {@code convoy.run},
 * {@code convoy.evaluation}, storage and the engine. Start at {@link convoy.registry.Registry}.
 */
package convoy.registry;
