package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warder.catalog.Arch;
import dev.warder.cli.CommandLine.Result;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Filters that others compiled.
class RawFilterTest {
  private static final String PYTHON = "/usr/bin/python3";
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x50001;

  @TempDir
  private Path folder;

  private String file(boolean bigEndian, int... words) throws IOException {
    var insns = new ArrayList<Insn>();
    for (int i = 0; i < words.length; i += 4) {
      insns.add(new Insn(words[i], words[i + 1], words[i + 2], words[i + 3]));
    }
    return Files.write(folder.resolve("filter.bpf"), new Filter(insns, bigEndian).bytes()).toString();
  }

  /// As systemd and minijail write them by hand: arch, x32, one call after the other.
  private String usual(boolean bigEndian, int arch) throws IOException {
    return file(bigEndian, 0x20, 0, 0, 4, 0x15, 1, 0, arch, 0x06, 0, 0, 0x80000000, 0x20, 0, 0, 0,
        0x15, 3, 0, 59, 0x15, 0, 3, 41, 0x20, 0, 0, bigEndian ? 20 : 16, 0x15, 0, 1, 1, 0x06, 0, 0, ALLOW,
        0x06, 0, 0, EPERM, 0x06, 0, 0, 0);
  }

  @Test
  void checkTellsWhatAFilterMeansAndWhereItIsWeak() throws IOException {
    Result result = CommandLine.warder("check", usual(false, 0xC000003E));
    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.out()).contains(
        " (raw filter of 11 instructions, little-endian): valid, the kernel takes it\n",
        "serves: x86_64; others get KILL\n",
        "allowed on x86_64: 1\n  execve\nanswered from the kernel's bitmap, without running the filter: 1 of 1\n",
        "allowed with conditions: 1\n  socket\n      ALLOW if domain == AF_UNIX; ERRNO EPERM if domain != AF_UNIX\n",
        "weaknesses: 1\n  1 instruction is never reached: 10.\n",
        "weakens: calls that it allows and profile default denies: none\n");
  }

  /// As libseccomp compares: all 64 bits, of which the kernel reads 32.
  @Test
  void convertTellsOfBitsThatTheKernelIgnores() throws IOException {
    String filter = file(false, 0x20, 0, 0, 4, 0x15, 1, 0, 0xC000003E, 0x06, 0, 0, 0x80000000, 0x20, 0, 0, 0,
        0x35, 7, 0, 0x40000000, 0x15, 0, 5, 41, 0x20, 0, 0, 20, 0x15, 0, 3, 0, 0x20, 0, 0, 16, 0x15, 0, 1, 1,
        0x06, 0, 0, ALLOW, 0x06, 0, 0, EPERM, 0x06, 0, 0, 0x80000000);
    Result result = CommandLine.warder("convert", "--to", "warder", filter);
    assertThat(result.err()).isEqualTo("warder: " + filter + ": socket on x86_64: the filter looks at bits of arguments that the"
        + " kernel ignores; they are taken for zero [stray-bits]; as strict as before\n");
    assertThat(result.out()).contains("architectures: [x86_64]\n", "default-action: errno:EPERM\n",
        "allow:\n  - socket(domain == AF_UNIX)\n").doesNotContain("deny:");
  }

  @Test
  void checkTellsOfFiltersThatCanBePassed() throws IOException {
    String blind = file(false, 0x20, 0, 0, 0, 0x15, 0, 1, 101, 0x06, 0, 0, EPERM, 0x06, 0, 0, ALLOW);
    assertThat(CommandLine.warder("check", blind).out())
        .contains("It does not ask for the architecture: a 32-bit call passes under the number of another call.")
        .contains("others get an answer that hangs on the call");
    String x32 = file(false, 0x20, 0, 0, 4, 0x15, 0, 3, 0xC000003E, 0x20, 0, 0, 0, 0x15, 1, 0, 101, 0x06, 0, 0, ALLOW,
        0x06, 0, 0, 0x80000000);
    assertThat(CommandLine.warder("check", x32).out()).contains("serves: x86_64, x32; others get KILL")
        .contains("By x32 numbers, with bit 30 set, it lets calls through that it denies on x86_64: ptrace.");
    String half = file(false, 0x20, 0, 0, 4, 0x15, 0, 5, 0xC000003E, 0x20, 0, 0, 0, 0x15, 0, 3, 101, 0x20, 0, 0, 16,
        0x15, 0, 1, 0, 0x06, 0, 0, ALLOW, 0x06, 0, 0, 0x80000000);
    assertThat(CommandLine.warder("check", half).out())
        .contains("Of op of ptrace it compares the low 32 bits only; the kernel reads 64.");
  }

  @Test
  void theByteOrderIsTold() throws IOException {
    String big = usual(true, 0x80000016);
    assertThat(CommandLine.warder("check", big).out()).contains("(raw filter of 11 instructions, big-endian): valid",
        "serves: s390x; others get KILL\n");
    assertThat(CommandLine.warder("compile", "--policy", big).out())
        .startsWith("; raw filter: " + big + "\n; length: 11 instructions, big-endian\n  0: ld [4]   ")
        .contains("; s390x\n", "; args[0], low\n");
    assertThat(CommandLine.warder("eval", "--policy", big, "read").err()).contains("machines of the other byte order");
    assertThat(CommandLine.warder("eval", "--arch=s390x", "--policy", big, "read").firstLine()).isEqualTo("ERRNO EPERM");
  }

  @Test
  void evalTellsAnswersPathAndBitmap() throws IOException {
    assumeTrue(Machine.here() == Arch.X86_64, "the filter is one for x86_64");
    String filter = usual(false, 0xC000003E);
    assertThat(CommandLine.warder("eval", "--policy", filter, "socket(AF_UNIX)").out()).isEqualTo("""
        ALLOW
        So the compiled filter answers; it keeps no reasons.
        call: socket, number 41 on x86_64
        instructions executed: 8
        bitmap: no, the filter runs at each such call
        path:
            0: ld [4]                     ; arch
            1: jeq #0xc000003e, 3, 2      ; x86_64
            3: ld [0]                     ; nr
            4: jeq #59, 8, 5              ; execve
            5: jeq #41, 6, 9              ; socket
            6: ld [16]                    ; args[0], low
            7: jeq #0x1, 8, 9
            8: ret #0x7fff0000            ; ALLOW
        """);
    assertThat(CommandLine.warder("eval", "--policy", filter, "socket").out()).startsWith("""
        ERRNO EPERM
        Arguments that are not given decide; this is the strictest outcome of:
          if domain == AF_UNIX: ALLOW
            instructions executed, for example: 8
          if domain != AF_UNIX: ERRNO EPERM
            instructions executed, for example: 8
        """);
    assertThat(CommandLine.warder("eval", "--policy", filter, "--arch=x86", "read").firstLine()).isEqualTo("KILL");
    assertThat(CommandLine.warder("eval", "--policy", filter, "execve").out()).contains("bitmap: yes, ");
  }

  @Test
  void whatTheKernelWouldNotTakeIsInvalid() throws IOException {
    record Row(String message, int... words) {}
    for (Row row : List.of(
        new Row("instruction 0 jumps out of the filter", 0x05, 0, 0, 7, 0x06, 0, 0, 0),
        new Row("instruction 0 is none that seccomp accepts", 0x28, 0, 0, 0, 0x06, 0, 0, 0),
        new Row("instruction 1 is the last and does not return", 0x20, 0, 0, 0, 0x20, 0, 0, 0),
        new Row("instruction 0 reads M[3], which may not be written yet", 0x60, 0, 0, 3, 0x16, 0, 0, 0))) {
      Result result = CommandLine.warder("check", file(false, row.words));
      assertThat(result.status()).as(row.message).isEqualTo(1);
      assertThat(result.out()).contains(": invalid, 1 problem\n", row.message, "[bad-filter]");
      assertThat(CommandLine.warder("diff", folder.resolve("filter.bpf").toString(), "default").status()).isEqualTo(2);
    }
    Path odd = Files.write(folder.resolve("odd.bpf"), new byte[] {6, 0, 0, 0, 0, 0, 0});
    assertThat(CommandLine.warder("check", odd.toString()).out()).contains("this file has 7 bytes");
  }

  /// Whatever a file holds, there is an answer or one of the known exit codes, and no internal error.
  @Test
  void randomBytesAreNoTrouble() throws IOException {
    long seed = Long.getLong("warder.seed", 1);
    var random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      var bytes = new byte[random.nextInt(8) == 0 ? random.nextInt(50) : 8 * (1 + random.nextInt(6))];
      random.nextBytes(bytes);
      for (int i = 0; i + 7 < bytes.length && random.nextBoolean(); i += 8) {
        bytes[i] = (byte) (random.nextInt(3) == 0 ? 0x06 : 0x20);
        bytes[i + 1] = 0;
      }
      Path file = Files.write(folder.resolve("random"), bytes);
      for (String command : List.of("check", "compile")) {
        Result result = command.equals("check") ? CommandLine.warder("check", file.toString())
            : CommandLine.warder("compile", "--policy", file.toString());
        assertThat(result.err()).as("seed " + seed).doesNotContain("internal error");
        assertThat(result.status()).as("seed " + seed).isBetween(0, 2);
      }
    }
  }

  @Test
  void optionsThatWouldChangeACompiledFilterAreRefused() throws IOException {
    String filter = usual(false, 0xC000003E);
    for (String option : List.of("--system-call-filter=read", "--default-action=kill")) {
      assertThat(CommandLine.warder("compile", option, "--policy", filter).err()).contains("which is a compiled filter");
      assertThat(CommandLine.warder("plan", option, "--policy", filter, "true").status()).isEqualTo(125);
    }
  }

  @Test
  void jailsTakeAFilterAsItIsIfItTellsArchitecturesAndAllowsTheStart() throws IOException {
    Result plan = CommandLine.warder("plan", "--policy", usual(false, 0xC000003E), "true");
    assertThat(plan.err()).isEmpty();
    assertThat(plan.status()).isZero();
    record Row(String message, String file) {}
    for (Row row : List.of(
        new Row("does not ask for the architecture", file(false, 0x06, 0, 0, ALLOW)))) {
      Result result = CommandLine.warder("plan", "--policy", row.file, "true");
      assertThat(result.status()).isEqualTo(125);
      assertThat(result.err()).contains(row.message);
    }
    String deaf = file(false, 0x20, 0, 0, 4, 0x15, 0, 1, 0xC000003E, 0x06, 0, 0, EPERM, 0x06, 0, 0, 0);
    assertThat(CommandLine.warder("plan", "--policy", deaf, "true").err()).contains("denies execve on x86_64");
    assertThat(CommandLine.warder("plan", "--policy", usual(true, 0x80000016), "true").err())
        .contains("machines of the other byte order");
  }

  @Test
  void libseccompsFiltersMeanWhatItWasAskedFor() throws IOException, InterruptedException {
    Path program = Files.writeString(folder.resolve("make.py"), """
        import seccomp, sys
        f = seccomp.SyscallFilter(seccomp.ERRNO(1))
        for call in ["read", "write", "execve", "exit_group"]:
            f.add_rule(seccomp.ALLOW, call)
        f.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, 0x10000000, 0))
        f.add_rule(seccomp.ALLOW, "ptrace", seccomp.Arg(0, seccomp.GT, 5), seccomp.Arg(1, seccomp.NE, 7))
        f.add_rule(seccomp.ERRNO(2), "mount")
        f.export_bpf(open(sys.argv[1], "wb"))
        """);
    Path filter = folder.resolve("libseccomp.bpf");
    boolean made = Files.isExecutable(Path.of(PYTHON)) && new ProcessBuilder(PYTHON, program.toString(), filter.toString())
        .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    assumeTrue(made, "SKIPPED: no python3-seccomp to make a filter with");
    Path policy = Files.writeString(folder.resolve("same.yaml"), """
        architectures: [x86_64]
        newer-action: errno:EPERM
        allow: [read, write, execve, exit_group, "clone(flags & CLONE_NEWUSER == 0)", "ptrace(op > 5 && pid != 7)"]
        deny: [{calls: mount, action: "errno:ENOENT"}, {calls: clone3, action: "errno:EPERM"}]
        """);
    String out = CommandLine.warder("diff", "--arch=x86_64", filter.toString(), policy.toString()).out();
    assertThat(out.lines().filter(line -> line.startsWith("A allows ") || line.startsWith("B allows ")))
        .containsExactly("A allows more: 1", "A allows 1 call more, B allows 0 calls more; they do not serve the same "
            + "architectures");
    // pid has 32 bits for the kernel; libseccomp compares 64, so what is 7 to the kernel passes with a bit above.
    assertThat(out).contains("ptrace(op >= PTRACE_POKEUSR && high32(pid) != 0 && pid == 7)\n");
  }
}
