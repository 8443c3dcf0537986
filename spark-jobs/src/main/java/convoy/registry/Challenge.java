package convoy.registry;

import convoy.cluster.ProcessKernels;
import convoy.dataprep.DatasetPart;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.sharding.DatasetCheck;
import convoy.sharding.TrainingRows;
import convoy.training.Beginning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a retraining trains.
 *
 * @param run its name: the same retraining has the same name, another one another
 * @param network what is trained
 * @param config the settings
 * @param beginning weights and images
 * @param newParts parts of the data set that the champion has not seen; all where there is none
 */
record Challenge(
    String run,
    NetworkSpec network,
    TrainingConfig config,
    Beginning beginning,
    List<String> newParts) {

  /** Whose weights it begins with: "champion", or "scratch" for new ones. */
  String start() {
    return beginning.pretrained().isPresent() ? "champion" : "scratch";
  }

  /**
   * Against {@code champion}, or for the first model where there is none.
   *
   * @throws IllegalArgumentException if options, data and champion do not go together
   */
  static Challenge of(
      Optional<Champion> champion, ImageDataset dataset, RetrainingOptions options) {
    TrainingConfig before = champion.map(Champion::config).orElse(TrainingConfig.DEFAULT);
    TrainingConfig config = options.config().over(before);
    champion.ifPresent(own -> checkHeldOut(own.config(), config));
    // It is to be compared with the challenger on these images.
    champion.ifPresent(own -> DatasetCheck.check(dataset, own.model().network()));
    if (config.validationFraction() == 0) {
      throw new IllegalArgumentException(
          "validationFraction is 0: models are compared on images that are held out");
    }
    if (champion.isPresent() && options.network().isPresent() && !options.fromScratch()) {
      throw new IllegalArgumentException(
          "there is a champion, whose network is trained on: leave --network out, or train"
              + " another one --from scratch");
    }
    NetworkSpec network =
        options
            .network()
            .or(() -> champion.map(own -> own.model().network()))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the registry has no champion yet: name the --network to train"));
    List<String> newParts =
        champion
            .map(own -> own.newParts(dataset))
            .orElseGet(() -> dataset.parts().stream().map(DatasetPart::path).toList());
    Beginning beginning =
        new Beginning(
            champion
                .filter(own -> !options.fromScratch())
                .map(own -> own.weights(network, config.seed())),
            rows(dataset, options, newParts, config.seed()));
    String run = name(champion, dataset, options, network, config, beginning.rows());
    return new Challenge(run, network, config, beginning, newParts);
  }

  private static void checkHeldOut(TrainingConfig before, TrainingConfig now) {
    if (now.validationFraction() > before.validationFraction()) {
      throw new IllegalArgumentException(
          "the champion was trained with validationFraction "
              + before.validationFraction()
              + ", and on images that "
              + now.validationFraction()
              + " would hold out: set validationFraction="
              + before.validationFraction());
    }
  }

  /** The shares of the parts, whose training images are numbered one part behind the other. */
  private static TrainingRows rows(
      ImageDataset dataset, RetrainingOptions options, List<String> newParts, long seed) {
    List<TrainingRows.Range> ranges = new ArrayList<>();
    long end = 0;
    for (DatasetPart part : dataset.parts()) {
      end += part.counts(Split.TRAIN).images();
      boolean isNew = newParts.contains(part.path());
      ranges.add(new TrainingRows.Range(end, isNew ? options.newShare() : options.oldShare()));
    }
    return new TrainingRows(seed, ranges);
  }

  private static String name(
      Optional<Champion> champion,
      ImageDataset dataset,
      RetrainingOptions options,
      NetworkSpec network,
      TrainingConfig config,
      TrainingRows rows) {
    String what =
        String.join(
            "\n",
            Long.toString(champion.map(own -> own.version().version()).orElse(0L)),
            dataset.fingerprint().toString(),
            dataset.rowOrder(),
            network.toYaml(),
            config.toYaml(),
            Boolean.toString(options.fromScratch()),
            rows.toString(),
            options.rule().toString(),
            Integer.toString(Kernels.NUMERICS_VERSION),
            ProcessKernels.get().name());
    return UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
