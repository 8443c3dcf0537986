package convoy.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.junit.jupiter.api.Test;

class RemoteStreamTest {
  /** Fails as HDFS's does: with one exception, on each call. */
  private static final class Full extends Synced {
    private final IOException full = new IOException("quota exceeded");

    @Override
    public void write(int value) throws IOException {
      throw full;
    }

    @Override
    public void hsync() throws IOException {
      throw full;
    }

    @Override
    public void close() throws IOException {
      throw full;
    }
  }

  /** Brings what was written to disk when it is asked to, and remembers what it was asked. */
  private static class Synced extends OutputStream implements Syncable, StreamCapabilities {
    private final List<String> calls = new ArrayList<>();

    @Override
    public boolean hasCapability(String capability) {
      return capability.equals(HSYNC);
    }

    @Override
    public void write(int value) throws IOException {
      calls.add("write " + value);
    }

    @Override
    public void hflush() {
      calls.add("hflush");
    }

    @Override
    public void hsync() throws IOException {
      calls.add("hsync");
    }

    @Override
    public void close() throws IOException {
      calls.add("close");
    }
  }

  @Test
  void whatAWriteEndedWithIsWhatIsThrown() {
    Full full = new Full();
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> {
              try (OutputStream stream = remote(full)) {
                stream.write(new byte[3]);
              }
            });
    assertSame(full.full, thrown);
    assertEquals("quota exceeded", thrown.getSuppressed()[0].getMessage());
  }

  @Test
  void fileIsOnDiskBeforeItIsClosedWhichHappensOnce() throws IOException {
    Synced file = new Synced();
    try (OutputStream stream = remote(file);
        OutputStream closedToo = new BufferedOutputStream(stream)) {
      closedToo.write(7);
    }
    assertEquals(List.of("write 7", "hsync", "close"), file.calls);
  }

  @Test
  void bytesGoThroughAsTheyAre() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (OutputStream stream = remote(file)) {
      stream.write(1);
      stream.write(new byte[] {2, 3, 4}, 1, 2);
    }
    assertArrayEquals(new byte[] {1, 3, 4}, file.toByteArray());
  }

  private static OutputStream remote(OutputStream file) throws IOException {
    return new RemoteStream(new FSDataOutputStream(file, null));
  }
}
