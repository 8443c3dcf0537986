package convoy.engine.network;

import convoy.engine.layer.Addition;
import convoy.engine.layer.Affine;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.FoldedAffine;
import convoy.engine.layer.FusedAffine;
import convoy.engine.layer.FusedAffine.Summand;
import convoy.engine.layer.FusedNormalization;
import convoy.engine.layer.Operation;
import convoy.engine.layer.Relu;
import convoy.engine.layer.RunningNormalization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Joins operations that can be computed in one pass: each affine layer and each normalisation by
 * the batch with the addition, the ReLU or both that follow it at once; each normalisation by
 * running statistics with its ReLU; for inference, each affine layer with such a normalisation.
 * Each has to be the only one to read what comes before it, be it directly or as a flattened view.
 */
final class Fusion {
  private Fusion() {}

  /** The nodes of {@code graph}, joined. */
  static List<Graph.Node> of(Graph graph) {
    int[] readers = Placement.readers(graph.nodes(), graph.values());
    List<Graph.Node> fused = new ArrayList<>();
    for (Graph.Node node : graph.nodes()) {
      int end = fused.size() - 1;
      Graph.Node last = end < 0 ? node : fused.get(end);
      Optional<Operation> both = fuse(last.operation(), node.operation(), graph.mode());
      if (both.isPresent()
          && node.inputs().contains(last.output())
          && readers[last.output()] == 1) {
        fused.set(end, join(last, node, both.get()));
      } else {
        fused.add(node);
      }
    }
    return fused;
  }

  /** What computes {@code second} in the pass of {@code first}, if something can. */
  private static Optional<Operation> fuse(Operation first, Operation second, Plan.Mode mode) {
    boolean addition = second instanceof Addition, relu = second instanceof Relu;
    if (first instanceof Affine affine && (addition || relu)) {
      return Optional.of(
          new FusedAffine(affine, addition ? Summand.BEFORE_RELU : Summand.NONE, relu));
    }
    if (first instanceof FusedAffine fused && !fused.relu() && relu) {
      return Optional.of(new FusedAffine(fused.affine(), fused.summand(), true));
    }
    if (first instanceof FusedAffine fused && fused.summand() == Summand.NONE && addition) {
      return Optional.of(new FusedAffine(fused.affine(), Summand.AFTER_RELU, true));
    }
    if (mode == Plan.Mode.INFERENCE
        && (first instanceof Convolution || first instanceof Dense)
        && second instanceof RunningNormalization running) {
      return Optional.of(new FoldedAffine((Affine) first, running.layer()));
    }
    if (first instanceof BatchNormalization normalization && (addition || relu)) {
      return Optional.of(new FusedNormalization(normalization, addition, relu));
    }
    if (first instanceof FusedNormalization fused && !fused.relu() && relu) {
      return Optional.of(new FusedNormalization(fused.layer(), true, true));
    }
    if (first instanceof RunningNormalization running && !running.relu() && relu) {
      return Optional.of(new RunningNormalization(running.layer(), true));
    }
    return Optional.empty();
  }

  /** The inputs of {@code first}, then what else {@code second} reads; parameters alike. */
  private static Graph.Node join(Graph.Node first, Graph.Node second, Operation both) {
    List<Integer> inputs = new ArrayList<>(first.inputs());
    for (int input : second.inputs()) {
      if (input != first.output()) {
        inputs.add(input);
      }
    }
    List<ParameterLayout.Unplaced> parameters = new ArrayList<>(first.parameters());
    parameters.addAll(second.parameters());
    return new Graph.Node(
        first.name(), both, List.copyOf(inputs), second.output(), List.copyOf(parameters));
  }
}
