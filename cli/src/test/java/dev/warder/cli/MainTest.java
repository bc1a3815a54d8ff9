package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.cli.CommandLine.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void exitCodesTellUsageFromAJailThatCouldNotBeMade() {
    record Row(String words, int status, String firstLine) {}
    for (Row row : List.of(
        new Row("--help", 0, "usage: warder run     [OPTIONS] [--] COMMAND [ARG...]"),
        new Row("frobnicate", 2, "warder: there is no command 'frobnicate'; see warder --help"),
        new Row("nosuch a b", 2, "warder: there is no command 'nosuch'; see warder --help"),
        new Row("plan", 125, "warder: no command given: warder plan [OPTIONS] [--] COMMAND [ARG...]"),
        new Row("build true", 125, "warder: no -o FILE given: warder build [OPTIONS] -o FILE [--] COMMAND [ARG...]"),
        new Row("image /nowhere/none --system-call-filter=~@nosuch true", 125,
            "warder: --system-call-filter: no set named '@nosuch' [unknown-set]"),
        new Row("image /nowhere/none true", 125,
            "warder: the front script cannot read these options; give each as a word of its own"))) {
      Result result = CommandLine.warder(row.words.split(" "));
      assertThat(result.firstLine()).as(row.words).isEqualTo(row.firstLine);
      assertThat(result.status()).as(row.words).isEqualTo(row.status);
    }
    assertThat(CommandLine.warder().status()).isEqualTo(2);
  }

  @Test
  void aPlanTellsWhatANetworkInUserSpaceTakes() {
    String plan = CommandLine.warder("plan", "--network=slirp4netns", "true").out();
    assertThat(plan.lines().map(String::strip)).containsSubsequence(
        "start slirp4netns", "wait for the network", "show /etc/resolv.conf", "run");
    assertThat(plan).contains("\"nameserver 10.0.2.3\\n\", 20)").doesNotContain("\n\",")
        .contains("execute /usr/bin/slirp4netns --configure --mtu=65520 --disable-host-loopback ");
  }

  @Test
  void anUnknownSetIsToldWithTheSetsThereAre() {
    assertThat(CommandLine.warder("plan", "--system-call-filter=~@nosuch", "true").err())
        .contains("fix: there are @aio, @basic-io, ");
    assertThat(CommandLine.warder("plan", "--system-call-filter=~@mounts", "true").err())
        .contains("fix: did you mean '@mount'?");
  }
}
