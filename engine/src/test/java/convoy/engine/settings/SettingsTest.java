package convoy.engine.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  @Test
  void valuesAreReadByType() {
    Settings settings =
        Settings.ofYaml(
            "a.yaml",
            """
            count: 3
            big: 9007199254740993
            rate: 1e-3
            whole: 2
            on: true
            name: same
            names: [a, "no"]
            sizes: [1, 2]
            inner: {count: 4}
            list:
              - {count: 5}
            """);
    assertEquals(3, settings.integer("count"));
    assertEquals(9007199254740993L, settings.longInteger("big"));
    assertEquals(0.001, settings.number("rate"));
    assertEquals(2.0, settings.number("whole"));
    assertTrue(settings.truth("on"));
    assertEquals("same", settings.text("name"));
    assertEquals(List.of("a", "no"), settings.texts("names"));
    assertEquals(List.of(1, 2), settings.integers("sizes"));
    assertEquals(4, settings.section("inner").integer("count"));
    assertEquals(5, settings.sections("list").get(0).integer("count"));
    assertEquals(7, settings.integer("absent", 7));
    assertTrue(settings.section("absent").keys().isEmpty());
  }

  @Test
  void wrongTypesAreRefusedWithPlaceAndBothValues() {
    Settings settings =
        Settings.ofYaml("a.yaml", "a: {b: 1.5, c: no, d: 99999999999, e: [1, x], f: 1e999, g: ~}");
    Settings inner = settings.section("a");
    assertMessage("a.yaml: a.b is 1.5, wanted a whole number", () -> inner.integer("b"));
    assertMessage("a.yaml: a.c is false, wanted a text (put it in quotes)", () -> inner.text("c"));
    assertMessage(
        "a.yaml: a.d is 99999999999, wanted a whole number from -2147483648 to 2147483647",
        () -> inner.integer("d"));
    assertMessage(
        "a.yaml: a.e is [1,\"x\"], wanted a list of whole numbers", () -> inner.integers("e"));
    assertMessage("a.yaml: a.f is out of range, wanted a number", () -> inner.number("f"));
    assertMessage("a.yaml: a.g is empty, wanted true or false", () -> inner.truth("g"));
    assertMessage("a.yaml: a.h is missing", () -> inner.integer("h"));
    assertMessage("a.yaml: a.e[0] is 1, wanted a mapping (key: value)", () -> inner.sections("e"));
  }

  @Test
  void unknownKeyIsRefusedWithTheNearestOne() {
    Settings settings = Settings.ofYaml("a.yaml", "averaging: {everystep: 3}").section("averaging");
    assertMessage(
        "a.yaml: averaging: unknown key everystep; did you mean everySteps?",
        () -> settings.onlyKeys("everySteps", "weights"));
  }

  @Test
  void refusalOfRecordIsGivenItsPlace() {
    Settings settings = Settings.ofYaml("a.yaml", "a: {b: 1}").section("a");
    assertMessage(
        "a.yaml: a: b is 1, wanted 2",
        () ->
            settings.checked(
                () -> {
                  throw new IllegalArgumentException("b is 1, wanted 2");
                }));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: 1\na: 2",
        "a: {b: 1, b: 2}",
        "a: 1\n---\nb: 2",
        "a: &x 1\nb: *x",
        "a: !!javax.script.ScriptEngineManager [1]",
        "a: !!int 3",
        "a: 010",
        "a: [1, 2",
        "a: .nan",
        "\t- a",
      })
  void doubtfulYamlIsRefusedInOneLine(String text) {
    var error = assertThrows(IllegalArgumentException.class, () -> Yaml.read("a.yaml", text));
    assertTrue(error.getMessage().startsWith("a.yaml: "), error.getMessage());
    assertTrue(error.getMessage().contains("line "), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
  }

  @Test
  void emptyDocumentSetsNothing() {
    assertTrue(Settings.ofYaml("a.yaml", "").keys().isEmpty());
    assertTrue(Settings.ofYaml("a.yaml", "# only a comment\n").keys().isEmpty());
  }

  @Test
  void documentThatIsNoMappingIsRefused() {
    assertMessage(
        "a.yaml: got [1], wanted a mapping (key: value)", () -> Settings.ofYaml("a.yaml", "- 1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "no",
        "Yes",
        "null",
        "~",
        "0123",
        "1e5",
        "12:30:45",
        "2026-01-01",
        "a: b",
        " a",
        "a #b",
        "#a",
        "é",
        "two\nlines",
        "*a",
        "&a",
        "!a",
        "-",
        "",
        "a,b",
        "[x",
        "'",
        "\"",
        "0x1F"
      })
  void textsComeBackAsWritten(String text) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("value", text);
    tree.putObject("inner").put(text, 1);
    tree.putArray("list").add(text).addArray().add(text);
    assertEquals(tree, Yaml.read("written", Yaml.write(tree)));
  }

  private static void assertMessage(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }
}
