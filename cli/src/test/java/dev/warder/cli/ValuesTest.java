package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.GroupLimit;
import dev.warder.jail.Limit;
import dev.warder.jail.Limit.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValuesTest {
  @Test
  void durationsAsPeopleWriteThem() throws CommandException {
    var table = Map.of(
        "90", Duration.ofSeconds(90),
        "1.5s", Duration.ofMillis(1500),
        "500ms", Duration.ofMillis(500),
        "2m", Duration.ofMinutes(2),
        "2min", Duration.ofMinutes(2),
        "1h", Duration.ofHours(1),
        "1d", Duration.ofDays(1),
        "0.000000001", Duration.ofNanos(1),
        "30sec", Duration.ofSeconds(30));
    for (var row : table.entrySet()) {
      assertThat(Values.duration(row.getKey())).as(row.getKey()).isEqualTo(row.getValue());
    }
  }

  @Test
  void otherDurationsAreRefused() {
    for (String text : List.of("", "s", "0", "-1", "1w", "1 s", "ten", "0.0000000001", "1e999999999", "1e3", "\u0661s", "1S", "0x10",
        "99999999999d", "1111111111111111111111111111111")) {
      assertThatThrownBy(() -> Values.duration(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessage("not a duration: '" + text + "'; write one as 30s, 500ms, 2m or 1h");
    }
  }

  @Test
  void signalsByNameAndNumber() throws CommandException {
    var table = Map.of("TERM", 15, "SIGTERM", 15, "sigint", 2, "9", 9, "HUP", 1, "SYS", 31, "RTMIN+3", 37, "SIGRTMAX-1", 63,
        "RTMIN", 34, "64", 64);
    for (var row : table.entrySet()) {
      assertThat(Values.signal(row.getKey())).as(row.getKey()).isEqualTo(row.getValue());
    }
    for (String text : List.of("", "0", "-1", "32", "33", "65", "TERN", "RTMIN+31", "RTMIN-1", "RTMAX+1", "RTMINI", "SIG",
        "99999999999")) {
      assertThatThrownBy(() -> Values.signal(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessageStartingWith("there is no signal '" + text + "'");
    }
  }

  /// The list is the kernel's own: the shell knows it too.
  @Test
  void signalNamesAreTheShells() throws CommandException, IOException {
    Tools.need("bash");
    var shell = new ProcessBuilder("bash", "-c", "for i in {1..31}; do kill -l $i; done");
    int number = 0;
    for (String name : new String(shell.start().getInputStream().readAllBytes()).split("\n")) {
      assertThat(Values.signal(name)).as(name).isEqualTo(++number);
    }
    assertThat(number).isEqualTo(31);
  }

  @Test
  void limitsWithUnitsAndBothSides() throws CommandException {
    var table = Map.of(
        "NOFILE=1024:4096", new Limit(Resource.NOFILE, 1024, 4096),
        "nofile=64", new Limit(Resource.NOFILE, 64, 64),
        "RLIMIT_AS=1G", new Limit(Resource.AS, 1L << 30, 1L << 30),
        "CPU=2", new Limit(Resource.CPU, 2, 3),
        "CPU=2:2", new Limit(Resource.CPU, 2, 2),
        "CORE=0", new Limit(Resource.CORE, 0, 0),
        "STACK=8m:unlimited", new Limit(Resource.STACK, 8L << 20, Limit.UNLIMITED),
        "DATA=infinity", new Limit(Resource.DATA, Limit.UNLIMITED, Limit.UNLIMITED),
        "FSIZE=1K:1T", new Limit(Resource.FSIZE, 1024, 1L << 40));
    for (var row : table.entrySet()) {
      assertThat(Values.limit(row.getKey())).as(row.getKey()).isEqualTo(row.getValue());
    }
  }

  @Test
  void otherLimitsAreRefused() {
    record Row(String text, String message) {}
    for (Row row : List.of(
        new Row("NOFILE", "--rlimit takes NAME=SOFT or NAME=SOFT:HARD, got 'NOFILE'"),
        new Row("FILES=1", "--rlimit: there is no limit 'FILES'; there are CPU, FSIZE, DATA, STACK, CORE,"),
        new Row("NOFILE=2:1", "--rlimit NOFILE=2:1: the soft limit is above the hard one"),
        new Row("NOFILE=unlimited:1", "--rlimit NOFILE=unlimited:1: the soft limit is above the hard one"),
        new Row("NOFILE=", "--rlimit: not a number: ''"),
        new Row("NOFILE=1:2:3", "--rlimit: not a number: '2:3'"),
        new Row("NOFILE=-1", "--rlimit: not a number: '-1'"),
        new Row("AS=1.5G", "--rlimit: not a number: '1.5G'"),
        new Row("AS=9223372036854775807K", "--rlimit: not a number: '9223372036854775807K'"),
        new Row("AS=G", "--rlimit: not a number: 'G'"))) {
      assertThatThrownBy(() -> Values.limit(row.text)).as(row.text).isInstanceOf(CommandException.class)
          .hasMessageStartingWith(row.message);
    }
  }

  @Test
  void boundsOfControlGroupsAsPeopleWriteThem() throws CommandException {
    assertThat(Values.memory("1M")).isEqualTo(1 << 20);
    assertThat(Values.memory("1048576")).isEqualTo(1 << 20);
    assertThat(Values.memory("64m")).isEqualTo(64 << 20);
    assertThat(Values.memory("2G")).isEqualTo(2L << 30);
    assertThat(Values.swap("0")).isEqualTo(0);
    assertThat(Values.swap("2G")).isEqualTo(2L << 30);
    assertThat(Values.swap("infinity")).isEqualTo(Values.swap("max")).isEqualTo(GroupLimit.UNBOUNDED);
    assertThat(Values.pids("1")).isEqualTo(1);
    assertThat(Values.pids("4194304")).isEqualTo(4194304);
    assertThat(Values.cpus("1")).isEqualTo(100_000);
    assertThat(Values.cpus("0.01")).isEqualTo(1_000);
    assertThat(Values.cpus("2.5")).isEqualTo(250_000);
    assertThat(Values.cpus(".5")).isEqualTo(50_000);
  }

  @Test
  void otherBoundsOfControlGroupsAreRefused() {
    for (String text : List.of("", "0", "-1", "1023K", "1.5G", "x", "unlimited", "9223372036854775807G", "1MB")) {
      assertThatThrownBy(() -> Values.memory(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessage("--memory takes a size from 1M on, got '" + text + "'; write 64M, 1500K or 2G");
    }
    for (String text : List.of("", "-1", "1.5G", "unlimited", "1MB")) {
      assertThatThrownBy(() -> Values.swap(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessage("--swap takes a size or infinity, got '" + text + "'; write 0, 64M or 2G");
    }
    for (String text : List.of("", "0", "-1", "4194305", "1.5", "x")) {
      assertThatThrownBy(() -> Values.pids(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessage("--pids takes a number of processes from 1 to 4194304, got '" + text + "'");
    }
    for (String text : List.of("", "0", ".", "0.009", "-1", "8193", "1e3", "x", "1.2.3")) {
      assertThatThrownBy(() -> Values.cpus(text)).as(text).isInstanceOf(CommandException.class)
          .hasMessage("--cpus takes a number of processors from 0.01 to 8192, got '" + text + "'; write 0.5 or 2");
    }
  }
}
