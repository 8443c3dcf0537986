package convoy.job;

import convoy.planning.Calibrator;
import convoy.planning.EpochSimulation;
import convoy.training.TrainingSetup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Forecasts what trainings take. */
@Command(
    name = "plan",
    description =
        "Measure steps and rounds on the executors at hand, and tell what epochs would take on"
            + " more or fewer of them, by shards and by how often these are averaged.")
public final class PlanJob implements SparkJob {
  private static final int MOST_EXECUTORS = 1000;
  private static final double LEAST_SECONDS = 10;
  private static final double MOST_SECONDS = 3600;

  @Mixin private final TrainingOptions options = new TrainingOptions();

  @Option(
      names = "--executors",
      split = ",",
      paramLabel = "N",
      description = {
        "How many executors to plan for, 1 to 1000, as 2 or 2,8,100; default: those at hand.",
        "How many there are is --local-cluster's, or --spark-conf spark.executor.instances=N."
      })
  private List<Integer> executors = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long to measure, about; default: 60.")
  private double seconds = 60;

  @Override
  public int taskCores() throws IOException {
    return options.settings(JobStorage.open()).threadsPerReplica();
  }

  @Override
  public PlanResult run(SparkSession spark) throws Exception {
    check();
    TrainingSetup setup = options.setup(spark);
    Calibrator calibrator = new Calibrator(spark, setup);
    System.out.println("measuring steps and rounds");
    EpochSimulation simulation = calibrator.run(seconds);
    List<Integer> planned =
        executors.isEmpty() ? List.of(simulation.times().executors()) : executors;
    PlanResult result = PlanResult.of(setup, simulation, planned);
    PlanTable.lines(result, setup.config().batchSize()).forEach(System.out::println);
    return result;
  }

  private void check() {
    for (int count : executors) {
      if (count < 1 || count > MOST_EXECUTORS) {
        throw new IllegalArgumentException(
            "--executors: got " + count + ", wanted 1 to " + MOST_EXECUTORS);
      }
    }
    if (!(seconds >= LEAST_SECONDS && seconds <= MOST_SECONDS)) {
      throw new IllegalArgumentException(
          "--seconds: got " + seconds + ", wanted " + LEAST_SECONDS + " to " + MOST_SECONDS);
    }
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new PlanJob(), arguments);
  }
}
