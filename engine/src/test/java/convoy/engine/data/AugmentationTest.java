package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.settings.Settings;
import convoy.engine.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
  @Test
  void whatIsNotSetIsOff() {
    assertEquals(Augmentation.NONE, read("{}"));
    assertEquals(
        new Augmentation(true, 0, 8, 0, 0, 0.5), read("{flip: true, cutout: 8, saturation: 0.5}"));
  }

  @Test
  void treeComesBackAsWritten() {
    Augmentation all = new Augmentation(true, 4, 8, 0.1, 0.2, 0.3);
    assertEquals(all, read(all.toTree().toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{flips: true}|a.yaml: unknown key flips; did you mean flip?",
        "{flip: 1}|a.yaml: flip is 1, wanted true or false",
        "{crop: -4}|a.yaml: crop is -4, wanted pixels, or 0 for none",
        "{cutout: -1}|a.yaml: cutout is -1, wanted pixels, or 0 for none",
        "{brightness: 1.2}|a.yaml: brightness is 1.2, wanted 0 to 1",
        "{contrast: -0.1}|a.yaml: contrast is -0.1, wanted 0 to 1",
        "{saturation: 2}|a.yaml: saturation is 2.0, wanted 0 to 1",
      })
  void wrongSettingsAreRefused(String yaml, String message) {
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, () -> read(yaml)).getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{crop: 24}|augmentation.crop is 24, wanted at most 23 for images of 32x24x1",
        "{cutout: 25}|augmentation.cutout is 25, wanted at most 24 for images of 32x24x1",
        "{saturation: 0.1}|augmentation.saturation is 0.1, wanted 0 for images of 32x24x1",
      })
  void settingsThatDoNotFitTheImagesAreRefused(String yaml, String message) {
    Shape image = new Shape(1, 32, 24, 1);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> read(yaml).checkFits(image))
            .getMessage());
    assertDoesNotThrow(() -> new Augmentation(true, 23, 24, 1, 1, 0).checkFits(image));
  }

  private static Augmentation read(String yaml) {
    return Augmentation.read(Settings.ofYaml("a.yaml", yaml));
  }
}
