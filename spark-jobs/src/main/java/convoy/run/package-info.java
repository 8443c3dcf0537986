/**
 * The folder of a training run: its lock, its checkpoints and the log of its rounds.
 *
 * <p>Whatever dies, the folder holds what was committed: a checkpoint is there once its manifest
 * is. Uses {@code convoy.storage}, the engine's checkpoints and the figures of {@code
 * convoy.averaging}. Start at {@link convoy.run.RunFolder}.
 */
package convoy.run;
