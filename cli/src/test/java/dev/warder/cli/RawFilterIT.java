package dev.warder.cli;

import static dev.warder.filter.BpfH.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.cli.Caller.Result;
import dev.warder.cli.Probe.Answer;
import dev.warder.cli.Probe.Call;
import dev.warder.filter.Filter;
import dev.warder.filter.FilterCompiler;
import dev.warder.filter.Insn;
import dev.warder.filter.Interpreter;
import dev.warder.filter.SeccompH;
import dev.warder.policy.Action;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Under `run --policy FILE.bpf` the very program is installed: the kernel answers as [Interpreter] says.
class RawFilterIT {
  /// Errors of no call.
  private static final Errno RARE = Errno.EXFULL;
  private static final Errno COMPUTED = Errno.EBADE;
  private static final int KEY = 0x5a5a;
  private static final int ALLOW = SeccompH.SECCOMP_RET_ALLOW;
  private static final int EPERM = SeccompH.SECCOMP_RET_ERRNO | 1;
  private static final int EXECVE = 59;

  /// Where the jail's user can read it.
  private static String file(List<Insn> insns) throws IOException {
    return Files.write(Program.readableFolder("filter").resolve("f.bpf"), new Filter(insns, false).bytes()).toString();
  }

  private static Insn insn(int code, int jt, int jf, int k) {
    return new Insn(code, jt, jf, k);
  }

  /// A call refused by what no compiler of ours writes, arithmetic, scratch memory and a return of A; then the profile.
  private static List<Insn> computing(int number) throws CommandException {
    var insns = new ArrayList<>(List.of(
        insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, SeccompH.NR),
        insn(BPF_ALU | BPF_XOR | BPF_K, 0, 0, KEY),
        insn(BPF_ST, 0, 0, 3),
        insn(BPF_LD | BPF_IMM, 0, 0, number ^ KEY),
        insn(BPF_MISC | BPF_TAX, 0, 0, 0),
        insn(BPF_LD | BPF_MEM, 0, 0, 3),
        insn(BPF_JMP | BPF_JEQ | BPF_X, 0, 3, 0),
        insn(BPF_LD | BPF_IMM, 0, 0, COMPUTED.number()),
        insn(BPF_ALU | BPF_OR | BPF_K, 0, 0, SeccompH.SECCOMP_RET_ERRNO),
        insn(BPF_RET | BPF_A, 0, 0, 0)));
    Policy policy = PolicySource.profile("default").withDefaultAction(Action.fail(RARE));
    var resolutions = new ArrayList<Resolution>();
    for (Arch arch : policy.architectures().of(Arch.X86_64)) {
      resolutions.add(policy.resolve(arch, Set.of()));
    }
    insns.addAll(FilterCompiler.compile(resolutions, Action.KILL_PROCESS).insns());
    return insns;
  }

  @Test
  void theKernelAnswersAsTheProgramSays() throws IOException, CommandException {
    int getppid = Catalog.get().table(Arch.X86_64).number("getppid").orElseThrow();
    var filter = new Filter(computing(getppid), false);
    var calls = new ArrayList<Call>();
    for (int number : Catalog.get().table(Arch.X86_64).names().keySet()) {
      if (number != 335 && number != 336) {       // uretprobe and uprobe, which pass every filter
        calls.add(Call.of(Arch.X86_64, number, -1, -1, -1, -1, -1, -1));
      }
    }
    for (long domain : new long[] {0, 1, 2, 16, 38, 1L << 32 | 1}) {
      calls.add(Call.of(Arch.X86_64, 41, domain, 3, 9));
    }
    calls.add(Call.of(Arch.X32, 0x40000000 | getppid));
    List<Answer> answers = new Probe().inJail(List.of("--policy", file(filter.insns())), calls);
    int computed = 0;
    for (int i = 0; i < calls.size(); i++) {
      Call call = calls.get(i);
      int value = Interpreter.run(filter, call.number(), call.arch().auditArch(), 0, call.seen()).value();
      assertThat(agrees(value, answers.get(i))).as(call + " is " + answers.get(i) + ", not " + Integer.toHexString(value))
          .isTrue();
      computed += answers.get(i).value() == -COMPUTED.number() ? 1 : 0;
    }
    assertThat(computed).isEqualTo(1);
  }

  private static boolean agrees(int value, Answer answer) {
    if (value == ALLOW) {
      return !answer.killed() && answer.value() != -RARE.number() && answer.value() != -COMPUTED.number();
    }
    boolean error = (value & SeccompH.SECCOMP_RET_ACTION_FULL) == SeccompH.SECCOMP_RET_ERRNO;
    return error ? answer.returned() && answer.value() == -(value & SeccompH.SECCOMP_RET_DATA) : answer.killed();
  }

  /// Lets all calls of x86_64 through but one.
  private static List<Insn> allBut(int number, int answer) {
    return List.of(
        insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, SeccompH.ARCH),
        insn(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, Arch.X86_64.auditArch()),
        insn(BPF_RET | BPF_K, 0, 0, SeccompH.SECCOMP_RET_KILL_PROCESS),
        insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, SeccompH.NR),
        insn(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number),
        insn(BPF_RET | BPF_K, 0, 0, answer),
        insn(BPF_RET | BPF_K, 0, 0, ALLOW));
  }

  @Test
  void programsThatStopTheirOwnStartAreRefused() throws IOException {
    Result denied = Caller.self().run("--policy", file(allBut(EXECVE, EPERM)), "--", "true");
    assertThat(denied.status()).isEqualTo(125);
    assertThat(denied.err()).contains("f.bpf denies execve on x86_64, by which the program itself is started");
    assertThat(Caller.self().run("--policy", file(allBut(39, EPERM)), "--", "true").status()).isZero();
  }

  /// The image cannot know the arguments of its execve beforehand; the kernel's answer is told as such.
  @Test
  void programsThatStopTheirOwnStartByArgumentsAreTold() throws IOException {
    var insns = new ArrayList<>(allBut(EXECVE, EPERM).subList(0, 5));
    insns.set(4, insn(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, EXECVE));
    insns.add(insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, 16));
    insns.add(insn(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0));
    insns.add(insn(BPF_RET | BPF_K, 0, 0, EPERM));
    insns.add(insn(BPF_RET | BPF_K, 0, 0, ALLOW));
    Result result = Caller.self().run("--policy", file(insns), "--", "true");
    assertThat(result.status()).isEqualTo(126);
    assertThat(result.err()).contains("true", "EPERM");
  }

  @Test
  void whatTheKernelWouldNotTakeIsRefusedWithItsInstruction() throws IOException {
    List<Insn> jumpsOut = List.of(insn(BPF_JMP | BPF_JA, 0, 0, 9), insn(BPF_RET | BPF_K, 0, 0, ALLOW));
    Result result = Caller.self().run("--policy", file(jumpsOut), "--", "true");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.err()).contains("instruction 0", "[bad-filter]");
    List<Insn> blind = List.of(insn(BPF_LD | BPF_W | BPF_ABS, 0, 0, SeccompH.NR), insn(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 101),
        insn(BPF_RET | BPF_K, 0, 0, EPERM), insn(BPF_RET | BPF_K, 0, 0, ALLOW));
    assertThat(Caller.self().run("--policy", file(blind), "--", "true").err()).contains("does not ask for the architecture");
    Path cut = Files.write(Path.of(file(blind)).resolveSibling("cut.bpf"), new byte[] {6, 0, 0, 0, 0});
    assertThat(Caller.self().run("--policy", cut.toString(), "--", "true").err()).contains("1 to 4096 instructions");
  }
}
