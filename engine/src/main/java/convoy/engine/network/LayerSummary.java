package convoy.engine.network;

import convoy.engine.tensor.Shape;

/**
 * What one layer of a network costs, for one image.
 *
 * @param name kind and number, as "convolution1"
 * @param outputShape what it makes of one image
 * @param parameters number of its parameter values
 * @param multiplications of its forward pass
 */
public record LayerSummary(String name, Shape outputShape, long parameters, long multiplications) {}
