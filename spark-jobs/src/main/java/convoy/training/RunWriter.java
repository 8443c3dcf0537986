package convoy.training;

import convoy.averaging.CarriedState;
import convoy.averaging.RoundFigures;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.Parameters;
import convoy.run.RoundLog;
import convoy.run.RunLock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Writes what a training leaves in the folder of its run: lines of rounds, and checkpoints. */
final class RunWriter implements AutoCloseable {
  private final TrainingRequest request;
  private final RunLock lock;
  private final RoundLog rounds;
  private Optional<PendingRound> pending = Optional.empty();

  /** A round whose weights are being digested while the next one runs. */
  private record PendingRound(RoundFigures figures, CompletableFuture<String> digest) {}

  /**
   * A writer for the holder of {@code lock}.
   *
   * @param rounds the log of the rounds so far
   */
  RunWriter(TrainingRequest request, RunLock lock, RoundLog rounds) {
    this.request = request;
    this.lock = lock;
    this.rounds = rounds;
  }

  /**
   * Notes a round; written with the next commit, or at the end.
   *
   * @param parameters that it led to; must stay as they are until the next call of this writer
   */
  void add(RoundFigures figures, Parameters parameters) throws IOException {
    finishPending();
    CompletableFuture<String> digest =
        CompletableFuture.supplyAsync(() -> WeightsDigest.of(parameters));
    pending = Optional.of(new PendingRound(figures, digest));
  }

  /** Waits for the digest of the last round's weights, which may change afterwards. */
  void finishPending() throws IOException {
    if (pending.isPresent()) {
      PendingRound round = pending.get();
      pending = Optional.empty();
      rounds.add(round.figures(), round.digest().join());
    }
  }

  /** Writes the rounds since the last time. */
  void writeRounds() throws IOException {
    lock.checkHeld();
    finishPending();
    rounds.write();
  }

  /** Writes the rounds since the last time, and commits a checkpoint. */
  void commit(CarriedState carried, Standing standing) throws IOException {
    writeRounds();
    Parameters parameters = carried.parameters();
    Checkpoint checkpoint =
        new Checkpoint(
            new Model(request.setup().network(), parameters),
            carried.optimizerState(),
            carried.averagingState(),
            state(parameters, standing));
    int keep = request.setup().config().keepCheckpoints();
    request.folder().checkpoints().commit(checkpoint, keep, lock);
  }

  /** Where the training stands, with {@code parameters} as its weights. */
  RunState state(Parameters parameters, Standing standing) {
    return new RunState(
        standing.progress(),
        request.setup().provenance(),
        request.setup().config(),
        standing.sums(),
        standing.metrics(),
        standing.best(),
        standing.waiting(),
        WeightsDigest.of(parameters));
  }

  /** Writes the rounds since the last time, however the training ends. */
  @Override
  public void close() throws IOException {
    if (lock.isHeld()) {
      finishPending();
      rounds.write();
    }
  }
}
