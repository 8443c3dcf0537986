package convoy.engine.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The files of a checkpoint with their lengths and hashes: {@code manifest.json}, written last. A
 * folder without it is no checkpoint.
 *
 * @param files in the order written, without the manifest itself
 */
public record Manifest(List<Entry> files) {
  /** Its file's name. */
  public static final String NAME = "manifest.json";

  private static final int FORMAT_VERSION = 1;

  /** No folders, and nothing hidden: a manifest comes from outside. */
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}");

  /**
   * A file.
   *
   * @param name of the file in the checkpoint's folder
   * @param sizeBytes its length
   * @param sha256 of its content, in lowercase hexadecimal digits
   */
  public record Entry(String name, long sizeBytes, String sha256) {

    public Entry {
      if (!PLAIN_NAME.matcher(name).matches() || name.equals(NAME)) {
        throw new IllegalArgumentException("name is no plain file name");
      }
      if (sizeBytes < 0) {
        throw new IllegalArgumentException("sizeBytes is " + sizeBytes + ", wanted 0 or more");
      }
      if (!Sha256.isHex(sha256)) {
        throw new IllegalArgumentException("sha256 is no SHA-256 in lowercase hexadecimal digits");
      }
    }
  }

  /** What a file is to hold. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  public Manifest {
    files = List.copyOf(files);
    Set<String> names = new HashSet<>();
    for (Entry entry : files) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException(entry.name() + " is named twice");
      }
    }
  }

  /** Whether the folder holds a checkpoint: its manifest is there. */
  public static boolean isIn(CheckpointFolder folder) throws IOException {
    return folder.exists(NAME);
  }

  /** Writes a new file and returns its entry. */
  static Entry store(CheckpointFolder folder, String name, Content content) throws IOException {
    MessageDigest digest = Sha256.start();
    long written;
    try (OutputStream file = folder.create(name);
        OutputStream buffered = new BufferedOutputStream(file, 1 << 16);
        HashedStream hashed = new HashedStream(buffered, digest)) {
      content.writeTo(hashed);
      written = hashed.sizeBytes;
    }
    long sizeBytes = folder.sizeBytes(name);
    if (sizeBytes != written) {
      throw new IOException(
          folder.pathOf(name) + ": has " + sizeBytes + " bytes after " + written + " were written");
    }
    return new Entry(name, written, Sha256.hex(digest));
  }

  /** Writes {@code manifest.json}; the folder is a checkpoint from then on. */
  void write(CheckpointFolder folder) throws IOException {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("formatVersion", FORMAT_VERSION);
    ArrayNode list = tree.putArray("files");
    for (Entry entry : files) {
      list.addObject()
          .put("name", entry.name())
          .put("sizeBytes", entry.sizeBytes())
          .put("sha256", entry.sha256());
    }
    folder.commit(NAME, SmallFile.bytes(tree));
  }

  /**
   * Reads {@code manifest.json}; the files that it names are not looked at.
   *
   * @throws DamagedCheckpointException if it is missing or no manifest
   * @throws IOException if it is of another format version, or can't be read
   */
  public static Manifest read(CheckpointFolder folder) throws IOException {
    String file = folder.pathOf(NAME);
    if (!isIn(folder)) {
      throw new DamagedCheckpointException(
          file, "missing; without it the folder is no complete checkpoint");
    }
    Settings settings = SmallFile.json(folder, NAME);
    try {
      FormatVersion.require(settings, file, FORMAT_VERSION);
      settings.onlyKeys("formatVersion", "files");
      List<Entry> entries = new ArrayList<>();
      for (Settings entry : settings.sections("files")) {
        entry.onlyKeys("name", "sizeBytes", "sha256");
        String name = entry.text("name");
        long sizeBytes = entry.longInteger("sizeBytes");
        String sha256 = entry.text("sha256");
        entries.add(entry.checked(() -> new Entry(name, sizeBytes, sha256)));
      }
      return settings.checked(() -> new Manifest(entries));
    } catch (IllegalArgumentException e) {
      throw SmallFile.damaged(file, e);
    }
  }

  /**
   * Checks files against their lengths and hashes; the lengths of all before the first hash.
   *
   * @param names of the files to check
   * @throws DamagedCheckpointException naming the first file that is missing, truncated, too long
   *     or altered
   */
  public void verify(CheckpointFolder folder, List<String> names) throws IOException {
    for (String name : names) {
      verifySize(folder, entry(folder, name));
    }
    for (String name : names) {
      verifyHash(folder, entry(folder, name));
    }
  }

  /** Whether it names a file {@code name}. */
  boolean names(String name) {
    return files.stream().anyMatch(entry -> entry.name().equals(name));
  }

  private Entry entry(CheckpointFolder folder, String name) throws IOException {
    for (Entry entry : files) {
      if (entry.name().equals(name)) {
        return entry;
      }
    }
    throw new DamagedCheckpointException(folder.pathOf(NAME), "does not name " + name);
  }

  private static void verifySize(CheckpointFolder folder, Entry entry) throws IOException {
    String file = folder.pathOf(entry.name());
    if (!folder.exists(entry.name())) {
      throw new DamagedCheckpointException(file, "missing");
    }
    long sizeBytes = folder.sizeBytes(entry.name());
    if (sizeBytes != entry.sizeBytes()) {
      throw new DamagedCheckpointException(
          file,
          (sizeBytes < entry.sizeBytes() ? "truncated: " : "too long: ")
              + sizeBytes
              + " bytes, "
              + NAME
              + " says "
              + entry.sizeBytes());
    }
  }

  private static void verifyHash(CheckpointFolder folder, Entry entry) throws IOException {
    MessageDigest digest = Sha256.start();
    try (InputStream in = folder.open(entry.name());
        OutputStream hash = Sha256.into(digest)) {
      in.transferTo(hash);
    }
    String sha256 = Sha256.hex(digest);
    if (!sha256.equals(entry.sha256())) {
      throw new DamagedCheckpointException(
          folder.pathOf(entry.name()),
          "altered: its SHA-256 is " + sha256 + ", " + NAME + " says " + entry.sha256());
    }
  }

  /** Hashes and counts what goes through it. */
  private static final class HashedStream extends DigestOutputStream {
    private long sizeBytes;

    HashedStream(OutputStream out, MessageDigest digest) {
      super(out, digest);
    }

    @Override
    public void write(int value) throws IOException {
      super.write(value);
      sizeBytes++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      super.write(bytes, offset, length);
      sizeBytes += length;
    }
  }
}
