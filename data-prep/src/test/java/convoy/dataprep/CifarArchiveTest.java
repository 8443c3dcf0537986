package convoy.dataprep;

import convoy.dataprep.TestSource.EntryWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarArchiveTest {
  /** At the end of a gzip file. */
  private static final int CHECKSUM_AND_LENGTH_BYTES = 8;

  @TempDir Path folder;

  @Test
  void fileThatIsNoArchiveIsRefused() throws IOException {
    refused(Files.writeString(folder.resolve("a.txt"), "text"), "a.txt: a file that is no gzip");
  }

  @Test
  void damagedArchiveIsRefused() throws IOException {
    Path archive = TestSource.writeArchive(folder.resolve("a.tar.gz"), cifar(), "c/");
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    refused(archive, "a.tar.gz: no readable tar.gz archive", "is it complete?");
    whole[whole.length / 2] ^= 1;
    Files.write(archive, whole);
    refused(archive, "a.tar.gz: no readable tar.gz archive");
  }

  @Test
  void archiveWhoseChecksumDoesNotFitIsRefused() throws IOException {
    Path archive = TestSource.writeArchive(folder.resolve("a.tar.gz"), cifar(), "c/");
    byte[] whole = Files.readAllBytes(archive);
    whole[whole.length - CHECKSUM_AND_LENGTH_BYTES] ^= 1;
    Files.write(archive, whole);
    refused(archive, "a.tar.gz: no readable tar.gz archive (Corrupt GZIP trailer)");
  }

  @Test
  void archiveWithoutImagesIsRefused() throws IOException {
    Path archive =
        TestSource.writeArchive(
            folder.resolve("a.tgz"), tar -> TestSource.addEntry(tar, "x.txt", new byte[3]));
    refused(archive, "a.tgz: holds no images; expected one of");
  }

  @Test
  void entriesThatPointOutsideAreRefused() throws IOException {
    for (String name : List.of("../data_batch_1.bin", "/etc/x", "c/../../x", "c\\..\\x")) {
      Path archive =
          TestSource.writeArchive(
              folder.resolve("a.tgz"), tar -> TestSource.addEntry(tar, name, new byte[3]));
      refused(archive, "a.tgz: entry '" + name + "' points outside");
    }
    for (byte type : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
      EntryWriter link =
          tar -> {
            TarArchiveEntry entry = new TarArchiveEntry("c/data_batch_1.bin", type);
            entry.setLinkName("../../x");
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
          };
      Path archive = TestSource.writeArchive(folder.resolve("a.tgz"), link);
      refused(archive, "a.tgz: entry 'c/data_batch_1.bin' is a link or a device");
    }
  }

  @Test
  void archivesOwnFilesAreChecked() throws IOException {
    Path source = cifar();
    Path file = source.resolve("test_batch.bin");
    byte[] records = Files.readAllBytes(file);
    records[3073] = 77;
    Files.write(file, records);
    Path archive = TestSource.writeArchive(folder.resolve("a.tgz"), source, "c/");
    refused(archive, "a.tgz, entry test_batch.bin, record 1: label is 77");
    Files.write(file, new byte[5]);
    refused(
        TestSource.writeArchive(archive, source, "c/"),
        "a.tgz, entry test_batch.bin: 5 bytes are no whole number of records");
    EntryWriter twice =
        tar -> {
          TestSource.addEntry(tar, "a/data_batch_1.bin", new byte[3073]);
          TestSource.addEntry(tar, "b/data_batch_1.bin", new byte[3073]);
        };
    refused(TestSource.writeArchive(archive, twice), "holds two files named data_batch_1.bin");
  }

  private Path cifar() throws IOException {
    return TestSource.writeCifar10(folder.resolve("cifar"), TestSource.images(6, 3), 1);
  }

  private void refused(Path source, String... expected) {
    TestPrepare.refused(source, folder.resolve("out"), expected);
  }
}
