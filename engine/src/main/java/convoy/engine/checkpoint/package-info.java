/**
 * Checkpoints in open formats: {@code network.yaml}, {@code weights.safetensors}, {@code
 * optimizer.safetensors} and what else averaging carries, {@code state.json}, and {@code
 * manifest.json}, which is written last and makes the folder a checkpoint.
 *
 * <p>Files are taken for hostile until verified: sizes and counts are checked before anything is
 * allocated, and nothing is deserialised as a Java object. Uses {@code network}, {@code optimizer},
 * {@code training}, {@code settings} and Jackson. Start at {@link
 * convoy.engine.checkpoint.Checkpoint}.
 */
package convoy.engine.checkpoint;
