package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--io`, on a loop device of the test's own, with the group's files and the kernel's slowness as the oracles.
class DisksIT {
  private static final Caller ROOT = Caller.self();
  private static final int SECTOR = 512;
  private static final int DISK_BYTES = 16 << 20;

  @TempDir
  private Path folder;

  private String disk;

  @BeforeEach
  void makeADisk() throws IOException {
    Tools.skipUnless(ROOT.isRoot(), "disks are bounded as root");
    ControlGroups.need();
    Tools.need("losetup", "dd");
    String title = ControlGroups.isUnified() ? "" : "blkio";
    Tools.skipUnless(title.isEmpty()
        ? ControlGroups.read(ControlGroups.own("").resolve("cgroup.controllers")).contains("io")
        : Files.isDirectory(ControlGroups.TOP.resolve(title)), "this machine has no control group for disks");
    Path image = folder.resolve("disk");
    var table = ByteBuffer.allocate(DISK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    table.put(446 + 4, (byte) 0x83).putInt(446 + 8, 2048).putInt(446 + 12, DISK_BYTES / SECTOR - 2048);   // one partition
    table.putShort(SECTOR - 2, (short) 0xAA55);
    Files.write(image, table.array());
    Caller.Result made = ROOT.sh("losetup --find --show --partscan " + image);
    Tools.skipUnless(made.status() == 0, "no loop device can be had: " + made.err().strip());
    disk = made.out().strip();
  }

  @AfterEach
  void giveTheDiskBack() {
    if (disk != null) {
      ROOT.sh("losetup --detach " + disk);
    }
  }

  @Test
  void theGroupNamesTheDiskOfADeviceOfAPartitionAndOfAFile() throws IOException {
    String number = number(disk);
    var paths = new ArrayList<>(List.of(disk));
    if (Files.exists(Path.of(disk + "p1"))) {
      assertThat(number(disk + "p1")).isNotEqualTo(number);
      paths.add(disk + "p1");
    }
    Path link = Files.createSymbolicLink(folder.resolve("a:link"), Path.of(disk));
    paths.add(link.toString());
    for (String path : paths) {
      try (var jail = ROOT.startRun("--io", path + ":rbps=1M,riops=50,wbps=64K,wiops=7", "--", "sh", "-c",
          "echo ready; read line")) {
        jail.said("ready");
        assertThat(limits(jail.pid())).as(path).containsExactly(number + " rbps=1048576 wbps=65536 riops=50 wiops=7");
        jail.say("go");
        assertThat(jail.end().status()).isEqualTo(0);
      }
    }
    String ofFolder = ROOT.sh("stat -c %d " + folder).out().strip();
    if (Long.parseLong(ofFolder) >> 8 != 0) {                           // on a disk: no tmpfs, overlay or the like
      try (var jail = ROOT.startRun("--io", folder + ":wbps=1M", "--io=" + disk + ":rbps=1M", "--", "sh", "-c",
          "echo ready; read line")) {
        jail.said("ready");
        assertThat(limits(jail.pid())).hasSize(2).contains(number + " rbps=1048576 wbps=max riops=max wiops=max");
      }
    }
  }

  private static String number(String device) throws IOException {
    long id = (Long) Files.getAttribute(Path.of(device), "unix:rdev") & 0xFFFFF;
    return (id >> 8 & 0xFFF) + ":" + (id & 0xFF);
  }

  /// As `io.max` has them.
  private static List<String> limits(long launcher) {
    if (ControlGroups.isUnified()) {
      return ControlGroups.read(ControlGroups.ofJail(launcher, "").resolve("io.max")).lines().toList();
    }
    var lines = new TreeMap<String, String[]>();
    String[] keys = {"rbps", "wbps", "riops", "wiops"};
    String[] files = {"read_bps", "write_bps", "read_iops", "write_iops"};
    for (int i = 0; i < files.length; i++) {
      Path file = ControlGroups.ofJail(launcher, "blkio").resolve("jail/blkio.throttle." + files[i] + "_device");
      for (String line : ControlGroups.read(file).lines().toList()) {
        lines.computeIfAbsent(line.split(" ")[0], key -> new String[] {"max", "max", "max", "max"})[i] = line.split(" ")[1];
      }
    }
    var text = new ArrayList<String>();
    lines.forEach((device, values) -> {
      var line = new StringBuilder(device);
      for (int i = 0; i < keys.length; i++) {
        line.append(' ').append(keys[i]).append('=').append(values[i]);
      }
      text.add(line.toString());
    });
    return text;
  }

  /// Four megabytes at one a second; without the limit it takes some milliseconds, and a slow machine takes longer.
  @Test
  void theDiskIsReadNoFasterThanAllowed() {
    long begin = System.nanoTime();
    Caller.Result jail = ROOT.sh(
        "exec \"$WARDER\" run --io $1:rbps=1M -- dd iflag=direct bs=256K count=16 of=/dev/null < $1", disk);
    assertThat(jail.status()).as(jail.err()).isEqualTo(0);
    assertThat(jail.err()).contains("4194304 bytes");
    assertThat((System.nanoTime() - begin) / 1_000_000).isGreaterThan(1_000);
  }

  @Test
  void whatIsNoDiskOrOneTwiceIsRefusedAndNothingRuns() {
    String[][] rows = {
        {"/proc", "cannot limit traffic with the disk of /proc: ",
            "name the disk itself, as in --io /dev/sda:rbps=10M"},
        {"/nosuch", "cannot limit traffic with the disk of /nosuch: ENOENT", "there is no such file"},
        {disk, "EEXIST", "an earlier --io is about the same disk"}};
    for (String[] row : rows) {
      Caller.Result jail = ROOT.run("--io", disk + ":riops=5", "--io", row[0] + ":rbps=1M", "--", "echo", "ran");
      assertThat(jail.status()).as(row[0]).isEqualTo(125);
      assertThat(jail.out()).isEmpty();
      assertThat(jail.err()).contains(row[1]).contains(row[2]);
    }
  }
}
