package convoy.engine.network;

import convoy.engine.layer.Concatenation;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets the branches of a concatenation write where their part of it lies, instead of copying it
 * there: a value becomes a part where an operation makes it that can write with a pixel stride, and
 * nothing but the concatenation reads it. The same holds for its gradient.
 *
 * @param nodes without the inputs that need no copying, and without concatenations that have none
 *     left
 * @param values with the places of the parts
 */
record Placement(List<Graph.Node> nodes, List<Graph.Value> values) {

  static Placement of(List<Graph.Node> nodes, List<Graph.Value> values) {
    boolean[] writable = writable(nodes, values);
    List<Graph.Value> placed = new ArrayList<>(values);
    List<Graph.Node> left = new ArrayList<>();
    // From the last to the first: an outer concatenation places the ones inside it first.
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Graph.Node node = nodes.get(i);
      if (!(node.operation() instanceof Concatenation concatenation)) {
        left.add(0, node);
        continue;
      }
      Graph.Value whole = placed.get(node.output());
      List<Integer> copied = new ArrayList<>();
      List<Integer> firstChannels = new ArrayList<>();
      for (int j = 0; j < node.inputs().size(); j++) {
        int part = node.inputs().get(j), first = concatenation.firstChannels().get(j);
        if (writable[part]) {
          placed.set(part, placed.get(part).within(whole, first));
        } else {
          copied.add(part);
          firstChannels.add(first);
        }
      }
      if (!copied.isEmpty()) {
        left.add(
            0,
            new Graph.Node(
                node.name(),
                new Concatenation(firstChannels),
                List.copyOf(copied),
                node.output(),
                node.parameters()));
      }
    }
    return new Placement(List.copyOf(left), List.copyOf(placed));
  }

  /** Which values an operation could write with a pixel stride, if their only reader agrees. */
  private static boolean[] writable(List<Graph.Node> nodes, List<Graph.Value> values) {
    int[] readers = readers(nodes, values);
    boolean[] writable = new boolean[values.size()];
    for (Graph.Node node : nodes) {
      writable[node.output()] =
          node.operation().writesWithPixelStride() && readers[node.output()] == 1;
    }
    return writable;
  }

  /** How often each value is read, be it directly or by one that looks at it. */
  static int[] readers(List<Graph.Node> nodes, List<Graph.Value> values) {
    int[] readers = new int[values.size()];
    for (Graph.Node node : nodes) {
      for (int input : node.inputs()) {
        readers[values.get(input).storage()]++;
      }
    }
    return readers;
  }
}
