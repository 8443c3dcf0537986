/**
 * What each layer is: its settings, shapes, parameters and equations.
 *
 * <p>Layers are immutable and hold neither weights nor activations; they bind the passes of kernels
 * to tensors. Uses {@code kernel}, {@code tensor} and {@code random}. Start at {@link
 * convoy.engine.layer.Layer}.
 *
 * <p>Notation: x is what a layer takes and y what it makes; dx, dy, dw and db are the derivatives
 * of the cost C by them. Backward passes are told a second time as courses on backpropagation write
 * them: z of layer l = w of layer l applied to a of layer l - 1, plus b; a of layer l = s(z), s
 * being the activation; delta of layer l = dC/dz of layer l, which is the dy of what has the
 * weights; dC/da of layer l is the dy of the activation.
 */
package convoy.engine.layer;
