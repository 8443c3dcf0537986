/**
 * What each layer is: its settings, shapes, parameters and equations.
 *
 * <p>Layers are immutable and hold neither weights nor activations; they compute over kernels and
 * tensors. Uses {@code kernel}, {@code tensor} and {@code random}. Start at {@link
 * convoy.engine.layer.Layer}.
 */
package convoy.engine.layer;
