package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7})
  void everyPartRunsExactlyOnce(int count) {
    try (Workers workers = new Workers(count, ScratchSize.NONE)) {
      assertEquals(count, workers.count());
      for (int parts : new int[] {0, 1, 2, 3, 64, 1000}) {
        for (int call = 0; call < 20; call++) {
          AtomicIntegerArray runs = new AtomicIntegerArray(parts);
          workers
              .pass(
                  parts,
                  (part, worker) -> {
                    assertTrue(worker >= 0 && worker < count);
                    runs.incrementAndGet(part);
                  })
              .run();
          for (int part = 0; part < parts; part++) {
            assertEquals(1, runs.get(part));
          }
        }
      }
    }
  }

  @Test
  void whatPartsWroteIsSeenAfterTheCall() {
    try (Workers workers = new Workers(4, ScratchSize.NONE)) {
      long[] values = new long[64];
      Pass pass = workers.pass(values.length, (part, worker) -> values[part]++);
      for (int call = 1; call <= 2000; call++) {
        pass.run();
      }
      for (long value : values) {
        assertEquals(2000, value);
      }
    }
  }

  /** With waits of both kinds: for parts that take no time and for those that take long. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPassAllocatesNothingAndSoDoesWaitingForIt(int millis) {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      long[] allocated = new long[2], before = new long[2];
      AtomicInteger begun = new AtomicInteger();
      Pass pass =
          workers.pass(
              2,
              (part, worker) -> {
                // One part each: neither goes on without the other.
                begun.incrementAndGet();
                while (begun.get() % 2 != 0) {
                  Thread.onSpinWait();
                }
                if (part == 0) {
                  LockSupport.parkNanos(millis * 1_000_000L);
                }
                allocated[worker] = bean.getCurrentThreadAllocatedBytes();
              });
      for (int call = 0; call < 50; call++) {
        pass.run();
      }
      System.arraycopy(allocated, 0, before, 0, 2);
      for (int call = 0; call < 50; call++) {
        pass.run();
      }
      assertArrayEquals(before, allocated);
    }
  }

  @Test
  void passesRunInOrder() {
    StringBuilder order = new StringBuilder();
    Pass a = () -> order.append('a'), b = () -> order.append('b');
    Pass.inOrder(List.of(a, Pass.NONE, b, Pass.inOrder(List.of(b, a)))).run();
    assertEquals("abba", order.toString());
    assertSame(a, Pass.inOrder(List.of(Pass.NONE, a)));
    assertSame(Pass.NONE, Pass.inOrder(List.of()));
  }

  @Test
  void everyWorkerHasScratchOfItsOwnAndAllShareOne() {
    try (Workers workers = new Workers(3, new ScratchSize(5, 8))) {
      assertEquals(Workers.ORIGIN + 8, workers.shared().length);
      for (int worker = 0; worker < 3; worker++) {
        assertEquals(Workers.ORIGIN + 5, workers.scratch(worker).length);
        assertNotSame(workers.scratch((worker + 1) % 3), workers.scratch(worker));
      }
    }
  }

  @Test
  void exceptionOfAnotherThreadIsThrownHereAndTheWorkersGoOn() {
    RuntimeException failure = new IllegalStateException("part failed");
    try (Workers workers = new Workers(3, ScratchSize.NONE)) {
      for (int failing = 0; failing < 3; failing++) {
        int worker = failing;
        assertSame(
            failure,
            assertThrows(
                IllegalStateException.class,
                () ->
                    together(
                        workers,
                        own -> {
                          if (own == worker) {
                            throw failure;
                          }
                        })));
        Thread[] threads = threads(workers);
        assertEquals(3, threads.length);
      }
    }
  }

  @Test
  void errorOfAnotherThreadIsThrownHereToo() {
    Error failure = new AssertionError("part failed");
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      assertSame(
          failure,
          assertThrows(
              AssertionError.class,
              () ->
                  together(
                      workers,
                      own -> {
                        if (own == 1) {
                          throw failure;
                        }
                      })));
      assertEquals(2, threads(workers).length);
    }
  }

  @Test
  void oneWorkerThrowsWhatItsPartThrows() {
    try (Workers workers = new Workers(1, ScratchSize.NONE)) {
      assertThrows(
          ArithmeticException.class,
          () ->
              workers
                  .pass(
                      3,
                      (part, worker) -> {
                        throw new ArithmeticException();
                      })
                  .run());
      workers.pass(3, (part, worker) -> assertEquals(0, worker)).run();
    }
  }

  @Test
  void anInterruptedCallerStillGetsAllPartsAndStaysInterrupted() {
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(10);
      Thread.currentThread().interrupt();
      workers.pass(10, (part, worker) -> runs.incrementAndGet(part)).run();
      assertTrue(Thread.interrupted());
      for (int part = 0; part < 10; part++) {
        assertEquals(1, runs.get(part));
      }
    }
  }

  @Test
  void closeEndsTheThreads() throws InterruptedException {
    Workers workers = new Workers(4, ScratchSize.NONE);
    Thread[] threads = threads(workers);
    workers.close();
    workers.close();
    assertSame(Thread.currentThread(), threads[0]);
    for (int worker = 1; worker < threads.length; worker++) {
      threads[worker].join(30_000);
      assertFalse(threads[worker].isAlive(), threads[worker].getName());
    }
  }

  @Test
  void closedWorkersRefuseWork() {
    for (int count : new int[] {1, 2}) {
      Workers workers = new Workers(count, ScratchSize.NONE);
      Pass pass = workers.pass(1, (part, worker) -> {});
      workers.close();
      assertThrows(IllegalStateException.class, pass::run);
    }
  }

  @Test
  void fewerThanOneWorkerIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Workers(0, ScratchSize.NONE));
  }

  /** What one worker does. */
  @FunctionalInterface
  private interface Work {
    void run(int worker);
  }

  /** Runs {@code work} once on each worker: no part ends before every worker has one. */
  private static void together(Workers workers, Work work) {
    CyclicBarrier all = new CyclicBarrier(workers.count());
    workers
        .pass(
            workers.count(),
            (part, worker) -> {
              await(all);
              work.run(worker);
            })
        .run();
  }

  private static Thread[] threads(Workers workers) {
    Thread[] threads = new Thread[workers.count()];
    together(workers, worker -> threads[worker] = Thread.currentThread());
    return threads;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("a worker did not come", e);
    }
  }
}
