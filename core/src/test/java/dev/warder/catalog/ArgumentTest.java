package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ArgumentTest {
  private final Catalog catalog = Catalog.get();

  @ParameterizedTest
  @CsvSource(textBlock = """
      # call   name      arch       slot  bits
      ioctl,   cmd,      X86_64,    1,    32
      openat,  dfd,      X86_64,    0,    32
      open,    mode,     X86_64,    2,    16
      clone,   flags,    X86_64,    0,    32   # a long, of which the kernel takes the low half
      clone,   flags,    X32,       0,    32
      clone,   flags,    X86,       0,    32
      clone,   flags,    ARM,       0,    32
      clone,   flags,    S390X,     1,    32
      clone,   newsp,    X86_64,    1,    64
      unshare, flags,    X86_64,    0,    64   # unlike clone, it refuses high bits
      mbind,   mode,     X86_64,    2,    32
      kcmp,    idx1,     AARCH64,   3,    32
      socket,  domain,   X86_64,    0,    32
      socket,  family,   PPC64,     0,    32
      socket,  family,   MIPSEL64,  0,    32
      ioctl,   arg,      X86_64,    2,    64
      ioctl,   arg,      X32,       2,    32   # enters the compat function
      ioctl,   arg,      MIPSEL64N32, 2,  32
      ptrace,  op,       X86_64,    0,    64
      ptrace,  pid,      X86_64,    1,    32   # a long, but looked up as an int
      ptrace,  op,       X32,       0,    32
      mmap,    fd,       X86_64,    4,    32   # a long, but looked up as an int
      mmap,    prot,     X86_64,    2,    64
      fallocate, len_hi, X86,       5,    32
      futex_time64, val3, X86,      5,    32
      """)
  void argumentsHaveTheirSlotAndTheBitsThatTheKernelReads(String call, String name, Arch arch, int index, String bits) {
    int width = Integer.parseInt(bits.replaceAll("\\s*#.*", ""));
    assertThat(catalog.argument(call, name, arch)).hasValueSatisfying(argument -> {
      assertThat(argument.index()).isEqualTo(index);
      assertThat(argument.width()).isEqualTo(width);
    });
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      # call   manual's name  kernel's name
      socket,  domain,    family
      ioctl,   op,        cmd
      ioctl,   request,   cmd
      clone,   flags,     clone_flags
      unshare, flags,     unshare_flags
      open,    pathname,  filename
      openat,  pathname,  filename
      openat,  dirfd,     dfd
      prctl,   op,        option
      mount,   filesystemtype, type
      setns,   nstype,    flags
      setns,   flags,     flags
      """)
  void argumentsAnswerToTheirNameInTheManual(String call, String manualName, String kernelName) {
    assertThat(catalog.argument(call, manualName, Arch.X86_64).orElseThrow().name()).isEqualTo(kernelName);
  }

  @Test
  void everyAliasStandsForAnArgument() {
    Text aliases = Text.resource("argument-aliases.csv");
    for (int line = aliases.nextLine(aliases.start); line < aliases.bytes.length; line = aliases.nextLine(line)) {
      List<String> row = aliases.fields(line);
      for (String pair : Text.words(row.get(1))) {
        String[] names = pair.split("=");
        assertThat(Arch.values()).as(row.get(0) + " " + pair).anySatisfy(arch ->
            assertThat(catalog.argument(row.get(0), names[0], arch)).hasValueSatisfying(
                argument -> assertThat(argument.name()).isEqualTo(names[1])));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void slotsCountUpAndNoArgumentIsWiderThanARegister(Arch arch) {
    int covered = 0;
    for (String call : catalog.table(arch).names().values()) {
      List<Argument> arguments = catalog.arguments(call, arch);
      covered += arguments.isEmpty() ? 0 : 1;
      for (int index = 0; index < arguments.size(); index++) {
        assertThat(arguments.get(index).index()).as(call).isEqualTo(index);
        assertThat(arguments.get(index).width()).as(call).isLessThanOrEqualTo(registerBits(arch));
      }
    }
    boolean o32 = arch == Arch.MIPS || arch == Arch.MIPSEL;
    assertThat(covered).matches(o32 ? count -> count == 0 : count -> count > 280, "calls with arguments");
  }

  private static int registerBits(Arch arch) {
    return arch == Arch.X86 || arch == Arch.ARM ? 32 : 64;
  }

  @Test
  void pointersAreNotInspectable() {
    assertThat(catalog.argument("open", "filename", Arch.X86_64).orElseThrow())
        .isEqualTo(new Argument(0, "filename", "const char *", 64, Argument.Kind.POINTER, Argument.Inspectable.NO));
    assertThat(catalog.argument("ioctl", "arg", Arch.X86_64).orElseThrow())
        .isEqualTo(new Argument(2, "arg", "unsigned long", 64, Argument.Kind.POINTER_OR_VALUE,
            Argument.Inspectable.BY_OPERATION));
  }

  @Test
  void callsThatOneArchitectureNamesOtherwiseHaveTheSameArguments() {
    assertThat(catalog.arguments("sync_file_range2", Arch.ARM))
        .isNotEmpty().isEqualTo(catalog.arguments("arm_sync_file_range", Arch.ARM));
  }

  @Test
  void whatIsNotThereHasNoArguments() {
    assertThat(catalog.arguments("getpid", Arch.X86_64)).isEmpty();
    assertThat(catalog.arguments("open", Arch.AARCH64)).isEmpty();
    assertThat(catalog.arguments("no_such_call", Arch.X86_64)).isEmpty();
    assertThat(catalog.argument("socket", "colour", Arch.X86_64)).isEmpty();
    assertThat(catalog.argument("fork", "flags", Arch.X86_64)).isEmpty();
  }
}
