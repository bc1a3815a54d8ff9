package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SyscallTableTest {
  private final Catalog catalog = Catalog.get();

  @ParameterizedTest
  @CsvSource({"X86_64, unistd_64.h", "X86, unistd_32.h", "X32, unistd_x32.h"})
  void numbersEqualThoseOfTheSystemsHeader(Arch arch, String header) throws IOException {
    SyscallTable table = catalog.table(arch);
    var wrong = new ArrayList<String>();
    int seen = 0;
    for (var define : Header.numbers("x86_64-linux-gnu/asm/" + header).entrySet()) {
      if (define.getKey().startsWith("__NR_")) {
        String name = define.getKey().substring("__NR_".length());
        seen++;
        if (!table.number(name).equals(OptionalInt.of(define.getValue()))) {
          wrong.add(name + " is " + define.getValue() + ", the catalog says " + table.number(name));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).isGreaterThan(300);
  }

  @ParameterizedTest
  @EnumSource
  void namesAndNumbersAreInversesOnEveryArchitecture(Arch arch) {
    SyscallTable table = catalog.table(arch);
    assertThat(table.names()).hasSizeGreaterThan(300);
    table.names().forEach((number, name) -> {
      assertThat(table.number(name)).hasValue(number);
      assertThat(table.name(number)).hasValue(name);
    });
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      # arch        newest
      X86_64,       472
      X86,          472
      X32,          1073742371
      AARCH64,      472
      ARM,          472
      RISCV64,      472
      PPC64LE,      472
      PPC64,        472
      S390X,        472
      LOONGARCH64,  472
      MIPS64,       5472
      MIPSEL64,     5472
      MIPS64N32,    6472
      MIPSEL64N32,  6472
      MIPS,         4472
      MIPSEL,       4472
      """)
  void newestIsTheEndOfTheCommonRange(Arch arch, int newest) {
    assertThat(catalog.table(arch).newest()).isEqualTo(newest);
  }

  @Test
  void armKnowsItsPrivateNumbersThoughTheyAreNotNewer() {
    SyscallTable arm = catalog.table(Arch.ARM);
    assertThat(arm.number("cacheflush")).hasValue(0x0F0002);
    assertThat(arm.name(0x0F0005)).hasValue("set_tls");
    assertThat(arm.name(0x0F0007)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      # arch   call        number
      X86_64,  read,       0
      X86_64,  clone3,     435
      X86_64,  fchroot,    472
      X86,     socketcall, 102
      X32,     read,       1073741824
      X32,     ioctl,      1073742338
      X32,     pwritev2,   1073742371
      AARCH64, openat,     56
      S390X,   exit,       1
      MIPS64,  read,       5000
      ARM,     sync_file_range2, 341
      PPC64,   sync_file_range2, 308
      ARM,     arm_fadvise64_64, 270
      """)
  void callsHaveTheNumbersOfTheirArchitecture(Arch arch, String call, int number) {
    assertThat(catalog.table(arch).number(call)).hasValue(number);
  }

  @ParameterizedTest
  @CsvSource({"X86_64, socketcall", "AARCH64, open", "X86_64, opnat", "X86_64, sync_file_range2", "X86_64, @known",
      "X86, ''"})
  void callsThatAnArchitectureLacksHaveNoNumberThere(Arch arch, String call) {
    assertThat(catalog.table(arch).number(call)).isEmpty();
    assertThat(catalog.table(arch).unimplemented(call)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"X86_64, -1", "X86_64, 400", "X86_64, 473", "X32, 0", "X32, 1073742300", "X32, 13", "MIPS64, 0",
      "S390X, 0", "X86_64, -2147483648", "X86_64, 2147483647"})
  void freeNumbersHaveNoName(Arch arch, int number) {
    assertThat(catalog.table(arch).name(number)).isEmpty();
  }

  @Test
  void reservedNumbersAreUnimplemented() {
    SyscallTable table = catalog.table(Arch.X86_64);
    assertThat(table.unimplemented("afs_syscall")).isTrue();
    assertThat(table.unimplemented("read")).isFalse();
    assertThat(catalog.table(Arch.PPC64).unimplemented("afs_syscall")).isTrue();
    assertThat(catalog.syscall("afs_syscall")).hasValueSatisfying(call -> {
      assertThat(call.since()).isEmpty();
      assertThat(call.unimplemented()).contains(Arch.X86_64, Arch.PPC64, Arch.MIPSEL).doesNotContain(Arch.AARCH64);
    });
  }

  @Test
  void callsTellWhenTheyCameAndWent() {
    assertThat(catalog.syscall("openat2").orElseThrow().since()).hasValue("5.6");
    assertThat(catalog.syscall("nfsservctl").orElseThrow().removed()).hasValue("3.1");
    assertThat(catalog.syscall("read").orElseThrow().removed()).isEmpty();
    assertThat(catalog.syscall("getpagesize")).as("known, though no table has it").isPresent();
    assertThat(catalog.syscall("opnat2")).isEmpty();
    assertThat(catalog.syscallNames()).hasSize(509).contains("read", "fchroot");
  }
}
