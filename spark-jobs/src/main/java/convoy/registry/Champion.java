package convoy.registry;

import convoy.dataprep.DatasetPart;
import convoy.dataprep.Fingerprint;
import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.Model;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.training.PretrainedWeights;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The champion that is to be beaten.
 *
 * @param promotion by which it became so
 * @param version what is known of it
 * @param uri where the version lies
 * @param model its network and weights
 */
record Champion(Promotion promotion, Version version, String uri, Model model) {

  /** That of {@code registry}, if it has one. */
  static Optional<Champion> of(Registry registry) throws IOException {
    Optional<Promotion> highest = registry.champion();
    if (highest.isEmpty()) {
      return Optional.empty();
    }
    long number = highest.get().version();
    return Optional.of(
        new Champion(
            highest.get(),
            registry.version(number),
            registry.versionFolder(number).toString(),
            registry.model(number)));
  }

  /** The settings that it was trained with. */
  TrainingConfig config() {
    return version.training().settings();
  }

  /** What a training of {@code network} begins with that goes on from it. */
  PretrainedWeights weights(NetworkSpec network, long seed) {
    return PretrainedWeights.of(network, seed, uri, model);
  }

  /** The parts of {@code dataset} that it has not seen, by their content. */
  List<String> newParts(ImageDataset dataset) {
    if (dataset.fingerprint().equals(version.data().fingerprint())) {
      // The same rows, though they may lie in other parts.
      return List.of();
    }
    Set<Fingerprint> known = new HashSet<>();
    version.data().parts().forEach(part -> known.add(part.fingerprint()));
    return dataset.parts().stream()
        .filter(part -> !known.contains(part.fingerprint()))
        .map(DatasetPart::path)
        .toList();
  }
}
