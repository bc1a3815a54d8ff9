package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilityTest {
  private final Catalog catalog = Catalog.get();

  @Test
  void numbersEqualThoseOfTheSystemsHeader() throws IOException {
    var header = Header.numbers("linux/capability.h");
    int seen = 0;
    for (Capability capability : Capability.values()) {
      assertThat(header).containsEntry(capability.name(), capability.ordinal());
      seen++;
    }
    assertThat(seen).isEqualTo(41);
  }

  @Test
  void numbersAndNamesEqualThoseOfTheFile() {
    Text rows = Text.resource("capabilities.csv");
    int line = rows.nextLine(rows.start);
    for (Capability capability : Capability.values()) {
      assertThat(rows.fields(line).subList(0, 2)).containsExactly(capability.name(), "" + capability.ordinal());
      line = rows.nextLine(line);
    }
    assertThat(line).isEqualTo(rows.bytes.length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CAP_SYS_ADMIN", "SYS_ADMIN", "cap_sys_admin", "sys_Admin"})
  void namesAreFoundInAnyCaseWithOrWithoutPrefix(String name) {
    assertThat(Capability.named(name)).hasValue(Capability.CAP_SYS_ADMIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "CAP_", "SYS", "CAP_CAP_SYS_ADMIN", "CAP_SYS_ADMINS"})
  void otherNamesAreNot(String name) {
    assertThat(Capability.named(name)).isEmpty();
  }

  @Test
  void capabilitiesTellWhatTheyGovern() {
    CapabilityInfo boot = catalog.capability(Capability.CAP_SYS_BOOT);
    assertThat(boot.since()).isEqualTo("2.2");
    assertThat(boot.always()).containsExactly("reboot", "kexec_load");
    assertThat(boot.sometimes()).isEmpty();
    CapabilityInfo raw = catalog.capability(Capability.CAP_NET_RAW);
    assertThat(raw.sometimes()).containsExactly(new CapabilityInfo.Use("socket", Optional.of("SOCK_RAW")),
        new CapabilityInfo.Use("socket", Optional.of("AF_PACKET")));
    assertThat(catalog.capability(Capability.CAP_SYS_MODULE).nspawn()).containsExactly("@module");
    assertThat(catalog.capability(Capability.CAP_CHECKPOINT_RESTORE).since()).isEqualTo("5.9");
  }

  @ParameterizedTest
  @EnumSource
  void governedCallsExist(Capability capability) {
    CapabilityInfo info = catalog.capability(capability);
    assertThat(info.capability()).isEqualTo(capability);
    assertThat(info.always()).allMatch(call -> catalog.syscall(call).isPresent());
    assertThat(info.sometimes()).allMatch(use -> catalog.syscall(use.syscall()).isPresent());
    assertThat(info.nspawn()).allMatch(name -> catalog.syscall(name).isPresent() || catalog.set(name).isPresent());
  }
}
