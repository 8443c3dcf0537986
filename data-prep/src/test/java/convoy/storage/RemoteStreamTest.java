package convoy.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

class RemoteStreamTest {
  /** Fails as HDFS's does: with one exception, on each call. */
  private static final class Full extends OutputStream {
    private final IOException full = new IOException("quota exceeded");

    @Override
    public void write(int value) throws IOException {
      throw full;
    }

    @Override
    public void close() throws IOException {
      throw full;
    }
  }

  @Test
  void whatAWriteEndedWithIsWhatIsThrown() {
    Full full = new Full();
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> {
              try (OutputStream stream = new RemoteStream(full)) {
                stream.write(new byte[3]);
              }
            });
    assertSame(full.full, thrown);
    assertEquals("quota exceeded", thrown.getSuppressed()[0].getMessage());
  }

  @Test
  void bytesGoThroughAsTheyAre() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (OutputStream stream = new RemoteStream(file)) {
      stream.write(1);
      stream.write(new byte[] {2, 3, 4}, 1, 2);
    }
    assertArrayEquals(new byte[] {1, 3, 4}, file.toByteArray());
  }
}
