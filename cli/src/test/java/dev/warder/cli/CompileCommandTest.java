package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.warder.catalog.Arch;
import dev.warder.cli.CommandLine.Result;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Interpreter;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Profiles;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileCommandTest {
  @TempDir
  private Path folder;

  private static Filter filter(String profile, Arch... architectures) {
    Policy policy = Profiles.named(profile).orElseThrow();
    var resolutions = new ArrayList<Resolution>();
    for (Arch arch : architectures) {
      resolutions.add(policy.resolve(arch, Set.of()));
    }
    return FilterCompiler.compile(resolutions, Action.KILL_PROCESS);
  }

  private static Result compile(String... options) {
    var words = new ArrayList<>(List.of("compile"));
    words.addAll(List.of(options));
    return CommandLine.warder(words.toArray(String[]::new));
  }

  @Test
  void bpfIsTheArrayThatTheKernelTakes() throws IOException {
    Path file = folder.resolve("filter");
    assertThat(compile("--arch", "x86_64,x86", "-o", file.toString()).status()).isZero();
    assertThat(Files.readAllBytes(file)).isEqualTo(filter("default", Arch.X86_64, Arch.X86).bytes());
    assertThat(compile("--arch=s390x", "--profile=nspawn", "--format=bpf", "--output=" + file).status()).isZero();
    assertThat(Files.readAllBytes(file)).isEqualTo(filter("nspawn", Arch.S390X).bytes());
  }

  /// As `compile_seccomp_policy.py` has it: files beside the policy, and the frequent call first.
  @Test
  void filesThatAPolicyNamesAreRead() throws IOException {
    Path policy = folder.resolve("web.policy");
    String calls = "ioctl: arg1 == 1\nsocket: arg0 == 1\nprctl: arg0 == 1\npersonality: arg0 == 8\n";
    Files.writeString(policy, "@include ./sub/base.policy\n@frequency ./web.frequency\n" + calls);
    Files.createDirectory(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/base.policy"), "{ read, write }: 1\n");
    var executed = new ArrayList<Integer>();
    for (String frequent : List.of("ioctl", "personality")) {
      Files.writeString(folder.resolve("web.frequency"), "read: 7\n" + frequent + ": 100\n");
      assertThat(compile("--policy=" + policy, "-o", folder.resolve("filter").toString()).status()).isZero();
      Filter filter = Filter.parse(Files.readAllBytes(folder.resolve("filter")), false);
      executed.add(Interpreter.run(filter, 135, Arch.X86_64.auditArch(), 0, new long[6]).executed());
      assertThat(Interpreter.run(filter, 1, Arch.X86_64.auditArch(), 0, new long[6]).value()).isEqualTo(0x7fff0000);
    }
    assertThat(executed.get(1)).isLessThan(executed.get(0));
    Files.delete(folder.resolve("web.frequency"));
    Result result = compile("--policy=" + policy);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("web.policy:2:12: cannot read web.frequency: there is no such file [include]");
  }

  @Test
  void aLinkOutOfTheFolderOfAPolicyIsNotFollowed(@TempDir Path elsewhere) throws IOException {
    Files.writeString(elsewhere.resolve("all.policy"), "mount: 1\n");
    Files.writeString(folder.resolve("web.policy"), "@include ./link\nread: 1\n");
    Files.createSymbolicLink(folder.resolve("link"), elsewhere.resolve("all.policy"));
    assertThat(compile("--policy=" + folder.resolve("web.policy")).err())
        .contains("web.policy:1:10: cannot read link: it is a link to a place outside of the policy's folder [include]");
    Files.delete(folder.resolve("link"));
    Files.writeString(folder.resolve("kept"), "mount: 1\n");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("kept"));
    assertThat(compile("--policy=" + folder.resolve("web.policy")).status()).isZero();
  }

  @Test
  void aPipeThatAPolicyNamesIsNotWaitedFor() throws Exception {
    Files.writeString(folder.resolve("web.policy"), "@include ./pipe\nread: 1\n");
    assertThat(new ProcessBuilder("mkfifo", folder.resolve("pipe").toString()).start().waitFor()).isZero();
    Result result = compile("--policy=" + folder.resolve("web.policy"));
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("cannot read pipe: it is no ordinary file [include]");
  }

  @Test
  void servesWhatThePolicyServesOnThisMachine() throws IOException {
    assumeTrue(Machine.here() == Arch.X86_64, "the expected architectures are those of x86_64");
    Path file = folder.resolve("filter");
    compile("-o", file.toString());
    assertThat(Files.readAllBytes(file)).isEqualTo(filter("default", Arch.X86_64, Arch.X86, Arch.X32).bytes());
    compile("--profile=strict", "-o", file.toString());
    assertThat(Files.readAllBytes(file)).isEqualTo(filter("strict", Arch.X86_64).bytes());
  }

  @Test
  void textIsAListing() {
    int length = filter("strict", Arch.AARCH64).insns().size();
    Result result = compile("--profile", "strict", "--arch", "aarch64");
    assertThat(result.out()).startsWith("""
        ; policy: profile strict
        ; architectures: aarch64; a call by any other is killed
        ; default action: ERRNO EPERM
        ; length: %d instructions
          0: ld [4]                     ; arch
          1: jeq #0xc00000b7, 2, """.formatted(length));
    assertThat(result.out().lines()).hasSize(length + 4);
  }

  @Test
  void jsonHoldsInstructionsAndWhatTheBitmapAnswers() {
    Filter filter = filter("strict", Arch.X86_64);
    String json = compile("--profile=strict", "--arch=x86_64", "--format=json").out();
    assertThat(json).startsWith("""
        {
          "policy": "profile strict",
          "architectures": ["x86_64"],
          "otherArchitectures": "KILL",
          "byteOrder": "little",
          "length": %d,
          "instructions": [
            {"code": 32, "jt": 0, "jf": 0, "k": 4},
        """.formatted(filter.insns().size()));
    assertThat(json.lines().filter(line -> line.contains("\"code\""))).hasSize(filter.insns().size());
    assertThat(json).contains("\"x86_64\": [\"read\", \"write\", \"close\", ").endsWith("]\n  }\n}\n");
    assertThat(json.substring(json.indexOf("\"bitmap\""))).doesNotContain("\"ioctl\"", "\"ptrace\"");
  }

  @Test
  void compilersTakeTheArrayInC() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "SKIPPED: no /usr/bin/gcc to compile the C array with");
    Files.write(folder.resolve("filter.c"), compile("--format=c").bytes());
    Files.writeString(folder.resolve("main.c"), """
        #include <stdio.h>
        #include "filter.c"
        int main(void) { return fwrite(warder_filter, sizeof warder_filter, 1, stdout) != 1; }
        """);
    Path program = folder.resolve("main");
    assertThat(run("/usr/bin/gcc", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), folder + "/main.c")).isEmpty();
    assertThat(run(program.toString())).isEqualTo(compile("--format=bpf").bytes());
  }

  private static byte[] run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] out = process.getInputStream().readAllBytes();
    process.waitFor();
    return out;
  }

  @Test
  void mistakesAreToldWithTheRemedy() {
    record Row(String options, String message) {}
    for (Row row : List.of(
        new Row("--arch=x86_64,s390x", "one filter has one byte order: x86_64 is little-endian, s390x is big-endian"),
        new Row("--arch=,", "--arch names no architecture"),
        new Row("--arch=riscv46", "there is no architecture 'riscv46'; did you mean riscv64?"),
        new Row("--format=elf", "--format is bpf, listing, c or json, got 'elf'"),
        new Row("default", "compile takes options only, got 'default'; name a policy with --profile NAME"),
        new Row("--fromat=c", "there is no option --fromat; did you mean --format?"),
        new Row("-o/dev/null", "/dev/null is no plain file and cannot be replaced"),
        new Row("-o/no/such/folder/f", "cannot write /no/such/folder/f"),
        new Row("--profile=defualt", "there is no profile 'defualt'; did you mean profile default?"),
        new Row("--profile=strict --policy=x", "--profile and --policy both give a policy; leave one out"),
        new Row("--system-call-filter=~@nosuch", "--system-call-filter: no set named '@nosuch' [unknown-set]"),
        new Row("--default-action=deny", "there is no default action 'deny'; it is one of allow,"),
        new Row("--capability=all,nosuch", "there is no capability 'nosuch'"))) {
      Result result = compile(row.options.split(" "));
      assertThat(result.err()).as(row.options).startsWith("warder: " + row.message);
      assertThat(result.status()).as(row.options).isEqualTo(2);
      assertThat(result.bytes()).as(row.options).isEmpty();
    }
  }
}
