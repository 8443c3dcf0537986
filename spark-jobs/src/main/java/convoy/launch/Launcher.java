package convoy.launch;

import convoy.job.ExitStatus;
import convoy.job.Job;
import convoy.job.JobRunner;
import convoy.job.SparkCompatibility;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Main class behind bin/convoy for the commands that run on Spark: reads the launch options, checks
 * the command's own before a Spark is started, and calls spark-submit.
 */
public final class Launcher {
  private static final ClusterSize SMALL_CLUSTER = new ClusterSize(2, 1);

  private Launcher() {}

  /** The first argument is the command; the others are launch options and the command's own. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String... arguments) {
    String command = arguments[0];
    try {
      Class<? extends Job> type = jobClass(command);
      Constructor<? extends Job> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      Job job = constructor.newInstance();
      Set<String> own = JobRunner.options(job);
      LaunchOptions options =
          LaunchOptions.parse(List.of(arguments).subList(1, arguments.length), own);
      if (JobRunner.asksForHelp(job, options.jobArguments(), LaunchOptions.names(own))) {
        System.out.print(JobRunner.usage(job));
        System.out.print("\nWhere and how it runs:\n" + LaunchOptions.usage(own));
        return ExitStatus.DONE;
      }
      SparkCompatibility.check();
      Installation installation = Installation.of(System.getenv());
      if (wantsSmallCluster(command, installation)) {
        options = options.orLocalCluster(SMALL_CLUSTER);
      }
      Submission submission = Submission.of(installation, type.getName(), options);
      return new Driver(submission, options).run();
    } catch (IllegalArgumentException e) {
      System.err.println("convoy " + command + ": " + e.getMessage());
      return ExitStatus.WRONG_INPUT;
    } catch (IOException | ReflectiveOperationException e) {
      System.err.println("convoy " + command + ": " + e.getMessage());
      return ExitStatus.FAILED;
    }
  }

  /**
   * Whether a command that is not told where to run starts a small cluster: quickstart to show one,
   * plan to measure one, unless the Spark in use knows a cluster of its own.
   */
  private static boolean wantsSmallCluster(String command, Installation installation)
      throws IOException {
    return command.equals("quickstart")
        || command.equals("plan")
            && !SparkSettings.read(installation.sparkConf()).containsKey("spark.master");
  }

  /** "prepare" is convoy.job.PrepareJob, and so on. */
  private static Class<? extends Job> jobClass(String command) {
    String name = command.substring(0, 1).toUpperCase(Locale.ROOT) + command.substring(1);
    try {
      return Class.forName("convoy.job." + name + "Job").asSubclass(Job.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException("no such command; bin/convoy lists them", e);
    }
  }
}
