package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither the JIT nor the width of a lane changes a bit. */
class SameBitsTest {
  private static final String VECTOR = "--add-modules=jdk.incubator.vector";

  private static String digest(String flag, int runs) throws IOException, InterruptedException {
    List<String> flags = List.of(VECTOR, "-XX:+IgnoreUnrecognizedVMOptions", flag);
    return ChildJvm.run(flags, KernelDigest.class, Integer.toString(runs));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:UseAVX=3", "-XX:UseAVX=2", "-XX:MaxVectorSize=16"})
  void compiledKernelsAgreeWithTheInterpreter(String flag) throws Exception {
    assertEquals(digest("-Xint", 1), digest(flag, 120));
  }

  @Test
  void withoutTheVectorModuleTheScalarKernelsAreChosen() throws Exception {
    String choice = ChildJvm.run(List.of("-Xint"), KernelChoice.class);
    assertTrue(choice.startsWith("scalar") && choice.contains("--add-modules"), choice);
  }

  @Test
  void withTheVectorModuleTheVectorKernelsAreChosen() throws Exception {
    String choice = ChildJvm.run(List.of(VECTOR, "-Xint"), KernelChoice.class);
    assertTrue(choice.startsWith("vector"), choice);
  }

  /** Prints what this JVM chooses. */
  static final class KernelChoice {
    private KernelChoice() {}

    public static void main(String[] arguments) {
      System.out.println(Kernels.best().kernels().name() + ": " + Kernels.best().reason());
    }
  }
}
