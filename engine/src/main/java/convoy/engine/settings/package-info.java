/**
 * Strict reading and plain writing of settings as YAML.
 *
 * <p>What a person writes is read without guessing: unknown keys, wrong types and doubtful notation
 * are errors of one line that name the file, the key, what was found and what was wanted. Uses the
 * JDK and Jackson; every other package may use it. Start at {@link
 * convoy.engine.settings.Settings}.
 */
package convoy.engine.settings;
