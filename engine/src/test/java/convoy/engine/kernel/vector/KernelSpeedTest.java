package convoy.engine.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelSpeedTest {
  @ParameterizedTest
  @ValueSource(strings = {"-XX:UseAVX=3", "-XX:UseAVX=2"})
  void noConvolutionIsCompiledBadly(String lanes) throws Exception {
    List<String> flags =
        List.of(
            "--add-modules=jdk.incubator.vector",
            "-XX:ObjectAlignmentInBytes=64",
            "-XX:+IgnoreUnrecognizedVMOptions",
            lanes);
    String report = ChildJvm.run(flags, KernelSpeed.class);
    assertEquals(12, report.lines().count(), report);
  }

  @Test
  void peakIsPlausible() {
    double peak = PeakMeasurement.gigaflops(100);
    assertTrue(peak > 0.1 && peak < 10_000, peak + " GFLOP/s");
  }
}
