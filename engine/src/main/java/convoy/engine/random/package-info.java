/**
 * Counter-based random numbers, the only randomness in Convoy.
 *
 * <p>Uses the JDK alone; every other package may use it. Start at {@link
 * convoy.engine.random.RandomKey}.
 */
package convoy.engine.random;
