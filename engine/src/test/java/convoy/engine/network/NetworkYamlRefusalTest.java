package convoy.engine.network;

import static convoy.engine.network.NetworkYamlTest.refusal;
import static convoy.engine.network.NetworkYamlTest.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a network that is no network. */
class NetworkYamlRefusalTest {

  /** Column 1: the first layer; column 2: what the message says after the file's name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{convolutoin: {filters: 4}} | layers[0]: unknown layer convolutoin; did you mean"
            + " convolution?",
        "{branches: [[relu], [reul]]} | layers[0]: branches[1][0]: unknown layer reul; did you mean"
            + " relu?",
        "{branches: [relu]} | layers[0]: branches[0] is \"relu\", wanted a list of layers",
        "{branches: []} | layers[0]: branches is [], wanted a list of lists of layers",
        "branches | layers[0].branches: branches is missing",
        "{dropout: {rate: 1}} | layers[0].dropout: rate is 1.0, wanted 0 or more and below 1",
        "{dense: {units: 2, initializer: heNormale}} | layers[0].dense: initializer: unknown"
            + " initializer heNormale; did you mean heNormal?",
        "reul | layers[0]: unknown layer reul; did you mean relu?",
        "{convolution: {filter: 4, kernel: 3}} | layers[0].convolution: unknown key filter; did"
            + " you mean filters?",
        "{convolution: {kernel: 3}} | layers[0].convolution: filters is missing",
        "{batchNormalization: {epsilon: 0}} | layers[0].batchNormalization: epsilon is 0.0, wanted a"
            + " number above 0 that a float can hold",
        "{batchNormalization: {momentum: 2}} | layers[0].batchNormalization: momentum is 2.0,"
            + " wanted 0 to 1",
        "{batchNormalization: {trainable: 0}} | layers[0].batchNormalization: trainable is 0,"
            + " wanted true or false",
        "{relu: {trainable: false}} | layers[0].relu: nothing in a relu trains: leave trainable out",
        "{convolution: {filters: 4}} | layers[0].convolution: kernel is missing",
        "convolution | layers[0].convolution: filters is missing",
        "{convolution: {filters: four, kernel: 3}} | layers[0].convolution: filters is \"four\","
            + " wanted a whole number",
        "{convolution: {filters: 4.5, kernel: 3}} | layers[0].convolution: filters is 4.5, wanted"
            + " a whole number",
        "{convolution: {filters: 0, kernel: 3}} | layers[0].convolution: convolution: got 0 filters",
        "{convolution: {filters: 4, kernel: [3]}} | layers[0].convolution: kernel is [3], wanted"
            + " one number, or [height, width]",
        "{convolution: {filters: 4, kernel: {}}} | layers[0].convolution: kernel is {}",
        "{convolution: {filters: 4, kernel: 3, bias: 1}} | layers[0].convolution: bias is 1,"
            + " wanted true or false",
        "{convolution: {filters: 4, kernel: 3, padding: 1}} | layers[0].convolution: padding is 1,"
            + " wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: full}} | layers[0].convolution: padding is"
            + " \"full\", wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: [1, 2]}} | layers[0].convolution: padding"
            + " is [1,2], wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: [1, 2, -1, 0]}} | layers[0].convolution:"
            + " padding is [1, 2, -1, 0], wanted 0 to 1048576",
        "{convolution: {filters: 99999999999, kernel: 3}} | layers[0].convolution: filters is"
            + " 99999999999, wanted a whole number from",
        "{convolution: {filters: 4, kernel: 3, mode: turned}} | layers[0].convolution: mode is"
            + " \"turned\", wanted correlation or convolution",
        "{gaussian: {size: 4}} | layers[0].gaussian: gaussian: size is 4, wanted an odd number",
        "{localResponseNormalization: {size: 2}} | layers[0].localResponseNormalization: size is 2",
        "{gaussian: {}} | layers[0].gaussian: size is missing",
        "{gaussian: {kernel: five}} | layers[0].gaussian: kernel is \"five\", wanted integer5",
        "{gaussian: {kernel: integer5, size: 5}} | layers[0].gaussian: kernel is \"integer5\","
            + " wanted either a kernel or size and sigma",
        "{sobelX: {size: 3}} | layers[0].sobelX: unknown key size",
        "{meanPooling: {window: 2, strid: 1}} | layers[0].meanPooling: unknown key strid; did you"
            + " mean stride?",
        "{maxPooling: {stride: 3}} | layers[0].maxPooling: window is missing",
        "{maxPooling: {window: 0}} | layers[0].maxPooling: window 0x0",
        "{dense: {}} | layers[0].dense: units is missing",
        "{dense: 10} | layers[0].dense: got 10, wanted a mapping",
        "{dense: {units: -3}} | layers[0].dense: dense: got -3 units",
        "{relu: {alpha: 1}} | layers[0].relu: unknown key alpha",
        "{scaling: {deviation: 0}} | layers[0].scaling: scaling: deviation is 0.0",
        "{scaling: {mean: [1, two]}} | layers[0].scaling: mean is [1,\"two\"], wanted a number",
        "{scaling: {mean: []}} | layers[0].scaling: scaling: mean and deviation need",
        "{residual: {}} | layers[0].residual: body is missing",
        "{residual: {body: []}} | layers[0].residual: body is [], wanted a list of layers",
        "{residual: {body: [dens]}} | layers[0].residual: body[0]: unknown layer dens; did you"
            + " mean dense?",
        "{residual: {body: [relu], projection: relu}} | layers[0].residual: projection is"
            + " \"relu\", wanted a list of layers",
        "3 | layers[0] is 3, wanted a layer's name, or its name with its settings",
        "{relu: , dense: {units: 3}} | layers[0] is {\"relu\":\"\",\"dense\":{\"units\":3}},"
            + " wanted a layer's name",
      })
  void wrongLayerIsRefusedWithItsPlace(String layer, String message) {
    String got = refusal(yaml("{height: 8, width: 8, channels: 3}", layer, "flatten"));
    assertTrue(got.startsWith("net.yaml: " + message), got);
    assertEquals(got.indexOf("net.yaml"), got.lastIndexOf("net.yaml"), got);
    assertEquals(1, got.lines().count(), got);
  }

  /** Column 1: the input; column 2: what the message says after the file's name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{height: 8, width: 8} | input.channels is missing",
        "{height: 8, width: 8, chanels: 3} | input: unknown key chanels; did you mean"
            + " channels?",
        "{height: 8, width: 0, channels: 3} | input: shape 1x8x0x3: each size must be >= 1",
        "{height: 8, width: 1e3, channels: 3} | input.width is",
        "{height: 99999, width: 99999, channels: 3} | input: an image of 99999x99999x3 has too",
        "[8, 8, 3] | input is [8,8,3], wanted a mapping",
      })
  void wrongInputIsRefusedWithItsPlace(String input, String message) {
    String got = refusal(yaml(input, "flatten", "{dense: {units: 2}}"));
    assertTrue(got.startsWith("net.yaml: " + message), got);
    assertEquals(got.indexOf("net.yaml"), got.lastIndexOf("net.yaml"), got);
  }

  @Test
  void wrongKeysOfTheNetworkAreRefused() {
    String good = yaml("{height: 8, width: 8, channels: 3}", "flatten", "{dense: {units: 2}}");
    assertEquals(2, NetworkSpec.fromYaml("net.yaml", good).outputs());
    assertEquals("net.yaml: name is missing", refusal(good.replace("name: tested\n", "")));
    assertEquals(
        "net.yaml: name is 5, wanted a text (put it in quotes)",
        refusal(good.replace("name: tested", "name: 5")));
    assertEquals(
        "net.yaml: unknown key layer; did you mean layers?",
        refusal(good.replace("layers:", "layer:")));
    assertEquals(
        "net.yaml: layers is empty, wanted a list of layers",
        refusal(good.substring(0, good.indexOf("layers:")) + "layers:"));
    assertEquals(
        "net.yaml: layers is [], wanted a list of layers",
        refusal(good.substring(0, good.indexOf("layers:")) + "layers: []"));
    assertTrue(refusal(good + "classes: [a, 2]\n").contains("put 2 in quotes"));
    assertTrue(refusal(good + "classes: [a, b, c]\n").contains("2 outputs"));
    assertTrue(refusal(good + "name: again\n").startsWith("net.yaml: no valid YAML at line"));
    assertTrue(refusal("").startsWith("net.yaml: "));
  }

  @Test
  void layerThatDoesNotFitIsNamedWithBothSizes() {
    String message =
        refusal(
            yaml(
                "{height: 8, width: 8, channels: 16}",
                "{convolution: {filters: 16, kernel: 11}}",
                "flatten"));
    assertTrue(
        message.contains("convolution1: its 11x11 window does not fit an input of 8x8x16"),
        message);
    String dense = refusal(yaml("{height: 8, width: 8, channels: 3}", "{dense: {units: 2}}"));
    assertTrue(dense.contains("dense1: the input is 8x8x3"), dense);
  }

  @Test
  void hugeNumbersAreRefusedWhereverTheyStand() {
    String large = Integer.toString(Integer.MAX_VALUE);
    for (String layer :
        new String[] {
          "{convolution: {filters: N, kernel: 3}}",
          "{convolution: {filters: 4, kernel: N}}",
          "{convolution: {filters: 4, kernel: N, padding: same}}",
          "{convolution: {filters: 4, kernel: 3, padding: [N, 0, N, 0]}}",
          "{convolution: {filters: N, kernel: N, padding: same}}",
          "{maxPooling: {window: N}}",
          "{residual: {body: [flatten, {dense: {units: N}}]}}",
        }) {
      refusal(
          yaml(
              "{height: 8, width: 8, channels: 3}",
              layer.replace("N", large),
              "flatten",
              "{dense: {units: 2}}"));
    }
    // A stride that large is only a roundabout way to take one window.
    NetworkSpec.fromYaml(
        "net.yaml",
        yaml(
            "{height: 8, width: 8, channels: 3}",
            "{convolution: {filters: 4, kernel: 3, padding: same, stride: " + large + "}}",
            "flatten"));
  }
}
