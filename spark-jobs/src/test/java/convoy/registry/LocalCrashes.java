package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A {@link StepwisePromoter} on a local file system, watched by a debugger, which stops its thread
 * for good before the system call of so many that change something. To the file system that is a
 * crash: what was done stays, and nothing else is done, no clean-up either.
 */
final class LocalCrashes implements AutoCloseable {
  private static final String PROMOTER = StepwisePromoter.class.getName();
  private static final String DONE = "done";
  private static final String FAILED = "failed";

  /** By class the methods that lead to the calls; where they begin a thread stops. */
  private static final Map<String, Set<String>> STEPS =
      Map.of(
          "sun.nio.fs.UnixNativeDispatcher",
          Set.of("open", "mkdir", "link", "unlink", "rename"),
          "sun.nio.ch.FileChannelImpl",
          Set.of("write", "force"),
          PROMOTER,
          Set.of(DONE, FAILED));

  private static final long LIMIT_SECONDS = 60;

  private final VirtualMachine machine;

  /** Of the thread that was stopped last. */
  private EventSet held;

  LocalCrashes() throws Exception {
    LaunchingConnector connector = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("main").setValue(PROMOTER);
    String classPath = System.getProperty("java.class.path");
    arguments.get("options").setValue("-XX:TieredStopAtLevel=1 -cp \"" + classPath + '"');
    machine = connector.launch(arguments);
    for (String name : STEPS.keySet()) {
      ClassPrepareRequest request = machine.eventRequestManager().createClassPrepareRequest();
      request.addClassFilter(name);
      request.enable();
      machine.classesByName(name).forEach(this::stopAtSteps);
    }
    drain(machine.process().getInputStream());
    drain(machine.process().getErrorStream());
    // It was started suspended, and goes on when the event of its start has been seen.
  }

  /** Passes on what the promoter writes, which else would have to wait when a pipe is full. */
  private static void drain(InputStream stream) {
    Thread thread =
        new Thread(
            () -> {
              try {
                stream.transferTo(System.err);
              } catch (IOException e) {
                System.err.println("the promoter's output ended: " + e.getMessage());
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void stopAtSteps(ReferenceType loaded) {
    for (Method method : loaded.methods()) {
      if (STEPS.get(loaded.name()).contains(method.name()) && method.location() != null) {
        BreakpointRequest request =
            machine.eventRequestManager().createBreakpointRequest(method.location());
        request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
        request.enable();
      }
    }
  }

  /**
   * Has the version added, promoted and taken back.
   *
   * @param registry whose name no other one has
   * @return whether it crashed after {@code steps}, as it wants more than that
   */
  boolean crashes(String registry, long steps) throws Exception {
    OutputStream lines = machine.process().getOutputStream();
    lines.write((registry + "\n").getBytes(StandardCharsets.UTF_8));
    lines.flush();
    return stops(registry, steps);
  }

  /**
   * The same, but after {@code steps} it waits for {@code meanwhile}, and then goes on to its end.
   *
   * @return whether it came to that
   */
  boolean pauses(String registry, long steps, CrashAtEachStep.Meanwhile meanwhile)
      throws Exception {
    if (!crashes(registry, steps)) {
      return false;
    }
    meanwhile.run();
    held.resume();
    assertFalse(stops(registry, Long.MAX_VALUE));
    return true;
  }

  private boolean stops(String registry, long steps) throws InterruptedException {
    long done = 0, end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end) {
      EventSet events = machine.eventQueue().remove(TimeUnit.SECONDS.toMillis(1));
      if (events == null) {
        continue;
      }
      for (Event event : events) {
        if (event instanceof ClassPrepareEvent prepared) {
          stopAtSteps(prepared.referenceType());
        } else if (event instanceof BreakpointEvent stopped
            && stopped.thread().name().equals(registry)) {
          String method = stopped.location().method().name();
          if (method.equals(FAILED)) {
            throw new AssertionError("the promoter failed: " + registry);
          }
          if (method.equals(DONE)) {
            events.resume();
            return false;
          }
          if (done++ == steps) {
            held = events;
            return true;
          }
        }
      }
      events.resume();
    }
    throw new AssertionError("neither crashed nor done: " + registry);
  }

  @Override
  public void close() {
    machine.process().destroyForcibly().onExit().join();
  }
}
