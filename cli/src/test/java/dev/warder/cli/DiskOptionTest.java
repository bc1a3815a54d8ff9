package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.GroupLimit.Rate;
import dev.warder.jail.GroupLimit.Rate.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiskOptionTest {
  @Test
  void theLastColonEndsThePath() throws CommandException {
    var disk = DiskOption.disk("/dev/disk/by-path/pci-0000:00:1f.2-ata-1:rbps=1M,wbps=2K,riops=2,wiops=4294967294");
    assertThat(disk.path()).isEqualTo("/dev/disk/by-path/pci-0000:00:1f.2-ata-1");
    assertThat(disk.rates()).containsExactly(new Rate(Kind.RBPS, 1 << 20), new Rate(Kind.WBPS, 2 << 10),
        new Rate(Kind.RIOPS, 2), new Rate(Kind.WIOPS, 4294967294L));
  }

  @Test
  void othersAreRefused() {
    record Row(String value, String message) {}
    String use = "--io takes PATH:rbps=SIZE,wbps=SIZE,riops=N,wiops=N or some of these, got '";
    for (Row row : List.of(
        new Row("", use + "'"),
        new Row("/dev/sda", use + "/dev/sda'"),
        new Row(":rbps=1M", use + ":rbps=1M'"),
        new Row("/a:", use + "/a:'"),
        new Row("/a:rbps", use + "/a:rbps'"),
        new Row("/a:bps=5", use + "/a:bps=5'"),
        new Row("/a:rbps=5,", use + "/a:rbps=5,'"),
        new Row("/a:rbps=5,wbps=6,rbps=7", "--io /a:rbps=5,wbps=6,rbps=7: two of rbps; leave one out"),
        new Row("/a:rbps=1", "--io: rbps takes bytes a second, from 2 on, got '1'; write 500, 64K or 10M"),
        new Row("/a:rbps=max", "--io: rbps takes bytes a second, from 2 on, got 'max'; write 500, 64K or 10M"),
        new Row("/a:wiops=4G", "--io: wiops takes operations a second, from 2 on, got '4G'; write 500, 64K or 10M"))) {
      assertThatThrownBy(() -> DiskOption.disk(row.value)).as(row.value).isInstanceOf(CommandException.class)
          .hasMessage(row.message);
    }
  }
}
