package convoy.launch;

import convoy.job.ExitStatus;
import convoy.job.Job;
import convoy.job.JobRunner;
import convoy.job.SparkCompatibility;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Locale;

/**
 * Main class behind bin/convoy for the commands that run on Spark: reads the launch options, checks
 * the command's own before a Spark is started, and calls spark-submit.
 */
public final class Launcher {
  private static final ClusterSize QUICKSTART_CLUSTER = new ClusterSize(2, 1);

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
      LaunchOptions options = LaunchOptions.parse(List.of(arguments).subList(1, arguments.length));
      if (JobRunner.asksForHelp(job, options.jobArguments(), LaunchOptions.names())) {
        System.out.print(JobRunner.usage(job));
        System.out.print("\nWhere and how it runs:\n" + LaunchOptions.usage());
        return ExitStatus.DONE;
      }
      SparkCompatibility.check();
      if (command.equals("quickstart")) {
        options = options.orLocalCluster(QUICKSTART_CLUSTER);
      }
      Submission submission =
          Submission.of(Installation.of(System.getenv()), type.getName(), options);
      return new Driver(submission, options).run();
    } catch (IllegalArgumentException e) {
      System.err.println("convoy " + command + ": " + e.getMessage());
      return ExitStatus.WRONG_INPUT;
    } catch (IOException | ReflectiveOperationException e) {
      System.err.println("convoy " + command + ": " + e.getMessage());
      return ExitStatus.FAILED;
    }
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
