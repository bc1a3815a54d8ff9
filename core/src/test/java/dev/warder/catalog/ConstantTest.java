package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConstantTest {
  private final Catalog catalog = Catalog.get();

  @ParameterizedTest
  @CsvSource(textBlock = """
      AF_NETLINK,    X86_64,      16
      NETLINK_AUDIT, X86_64,      9
      CLONE_NEWUSER, S390X,       268435456
      AT_FDCWD,      X86_64,      -100
      TIOCSTI,       X86_64,      21522
      TIOCSTI,       PPC64LE,     21522
      EFD_NONBLOCK,  X86_64,      2048
      EFD_NONBLOCK,  MIPSEL64,    128
      EDEADLOCK,     PPC64,       58
      F_GETLK64,     X86,         12
      F_GETLK64,     MIPSEL64N32, 33
      ADDR_COMPAT_LAYOUT, X86_64, 2097152
      """)
  void constantsHaveTheValueOfTheirArchitecture(String name, Arch arch, long value) {
    assertThat(catalog.constant(name, arch)).hasValue(value);
  }

  @ParameterizedTest
  @CsvSource({"F_GETLK64, X86_64", "ARCH_SHSTK_WRSS, AARCH64"})
  void constantsThatAnArchitectureLacksAreEmpty(String name, Arch arch) {
    assertThat(catalog.constant(name, arch)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "AF", "AF_", "AF_NETLINKS", "AF_NETLINK,AF", "_", "0", "zzz", "af_netlink",
      "AF UNIX", "name", "é"})
  void wrongNamesAreEmpty(String name) {
    assertThat(catalog.constant(name, Arch.X86_64)).isEmpty();
  }

  @Test
  void everyRowIsFoundByItsName() {
    for (String file : List.of("constants.csv", "arguments.csv", "argument-aliases.csv")) {
      Text rows = Text.resource(file);
      String before = "";
      for (int line = rows.nextLine(rows.start); line < rows.bytes.length; line = rows.nextLine(line)) {
        String name = rows.string(line, rows.fieldEnd(line, ','));
        assertThat(name).isGreaterThanOrEqualTo(before);
        if (!name.equals(before)) {
          assertThat(rows.find(name)).as(name).isEqualTo(line);
        }
        before = name;
      }
    }
  }
}
