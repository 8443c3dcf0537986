/**
 * Layers in YAML: one entry for each kind, with its reader and its writer side by side.
 *
 * <p>Uses {@code layer} and {@code settings}. Start at {@link convoy.engine.layer.yaml.LayerYaml};
 * a new kind is one more {@link convoy.engine.layer.yaml.LayerKind} in the list of its group.
 */
package convoy.engine.layer.yaml;
