package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Errno;
import dev.warder.cli.Probe.Answer;
import dev.warder.cli.Probe.Call;
import dev.warder.policy.Action;
import dev.warder.policy.Condition;
import dev.warder.policy.Decision;
import dev.warder.policy.Outcome;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the kernel does with the calls of a jailed program is what the policy decides.
///
/// Expectations come from [Policy#resolve]. A filter's error cannot be told from the kernel's own, so each profile is
/// run a second time with a default error that no call returns.
class FilterIT {
  /// "Exchange full", of a bus that no longer exists.
  private static final Errno RARE = Errno.EXFULL;

  private static final List<Arch> FAMILY = List.of(Arch.X86_64, Arch.X86, Arch.X32);

  /// On kernels that have them, these two are answered before the filter is asked.
  private static final Set<String> BEFORE_THE_FILTER = Set.of("uretprobe", "uprobe");

  private static final int BEYOND = 5;

  /// How often calls that the probe lost patience with are asked again.
  private static final int ATTEMPTS = 10;

  private static Probe probe;
  private static boolean servesX86;

  @BeforeAll
  static void readyTheProbe() throws IOException {
    probe = new Probe();
    int getpid = Catalog.get().table(Arch.X86).number("getpid").orElseThrow();
    List<Call> one = List.of(Call.of(Arch.X86, getpid));
    servesX86 = answered(() -> probe.outside(one)).returned();
    if (!servesX86) {
      System.out.println("skipped: no calls of x86, since this kernel does not serve int 0x80");
    }
  }

  /// A jail's options and the policy they mean.
  private record Jail(List<String> options, Policy policy) {
    static Jail of(String profile) throws CommandException {
      var jail = new Jail(List.of("--profile", profile), PolicySource.profile(profile));
      if (profile.equals("strict")) {
        return jail.with("clone");                 // the probe makes processes
      }
      return jail;
    }

    Jail with(String list) {
      if (!(SyscallList.parse(list, "test") instanceof Parsed.Accepted<List<Rule>> accepted)) {
        throw new AssertionError(list);
      }
      return new Jail(plus("--system-call-filter=" + list), policy.with(accepted.value()));
    }

    Jail withRareDefault() {
      return new Jail(plus("--default-action=errno:" + RARE), policy.withDefaultAction(Action.fail(RARE)));
    }

    private List<String> plus(String option) {
      var all = new ArrayList<>(options);
      all.add(option);
      return all;
    }

    Decision decide(Arch arch, int number) {
      if (!policy.architectures().of(Arch.X86_64).contains(arch)) {
        return Decision.always(new Outcome(Action.KILL_PROCESS, "an ABI that the policy does not serve"));
      }
      return policy.resolve(arch, Set.of()).decide(number);
    }

    Action decide(Call call) {
      return decide(call.arch(), call.number()).decide(call.seen()).action();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "strict", "capejail", "nspawn", "nspawn-v235", "docker"})
  void everyNumberOfEveryAbiIsAnsweredAsDecided(String profile) throws IOException, CommandException {
    var calls = new ArrayList<Call>();
    for (Arch arch : FAMILY) {
      int newest = Catalog.get().table(arch).newest();
      for (int number = arch.numberBase(); number <= newest + BEYOND; number++) {
        add(calls, Call.of(arch, number, -1, -1, -1, -1, -1, -1));
      }
    }
    expect(Jail.of(profile), calls);
    expect(Jail.of(profile).withRareDefault(), calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "strict", "nspawn", "nspawn-v235", "docker"})
  void conditionsHoldAtTheirEdges(String profile) throws IOException, CommandException {
    Jail jail = Jail.of(profile).withRareDefault();
    var calls = new ArrayList<Call>();
    for (Arch arch : FAMILY) {
      for (int number : Catalog.get().table(arch).names().keySet()) {
        addEdges(calls, arch, number, jail.decide(arch, number));
      }
    }
    expect(jail, calls);
  }

  @Test
  void strictMakesThreadsAndNoProcesses() throws IOException, CommandException {
    int clone = Catalog.get().table(Arch.X86_64).number("clone").orElseThrow();
    Jail jail = new Jail(List.of("--profile=strict"), PolicySource.profile("strict")).withRareDefault();
    expect(jail, List.of(
        new Call(Arch.X86_64, clone, true, 0x11),              // SIGCHLD alone: a process
        new Call(Arch.X86_64, clone, true, 0x10000),           // CLONE_THREAD alone, which the kernel finds wrong
        new Call(Arch.X86_64, clone, true, 0x10000L << 32),
        new Call(Arch.X86_64, clone, true, 0x10010000)));      // and CLONE_NEWUSER
  }

  /// Known ways out, named; what the policy decides for them is in its own tests.
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      # arch | call         | arguments                  | answer
      X86_64 | ioctl        | 0 0x5412                   | EXFULL
      X86_64 | ioctl        | 0 0x100005412              | EXFULL
      X86_64 | ioctl        | 0 0xffffffff00005412       | EXFULL
      X86_64 | ioctl        | 0 0x541c                   | EXFULL
      X86    | ioctl        | 0 0x5412                   | EXFULL
      X32    | ioctl        | 0 0x5412                   | EXFULL
      X86_64 | clone        | 0x10000011                 | EXFULL
      X86_64 | clone        | 0x20011                    | EXFULL
      X86_64 | clone        | 0x80                       | EXFULL
      X86_64 | clone3       | 0 0                        | ENOSYS
      X86_64 | unshare      | 0x10000000                 | EXFULL
      X86_64 | unshare      | 0x80                       | EXFULL
      X86_64 | setns        | 0 0                        | EXFULL
      X86_64 | socket       | 38 5                       | EXFULL
      X86_64 | socket       | 40 1                       | EXFULL
      X86_64 | socket       | 17 3                       | EXFULL
      X86_64 | socket       | 0x100000028 1              | EXFULL
      X86_64 | socket       | 16 3 9                     | EAFNOSUPPORT
      X86_64 | socket       | 0x700000010 3 0x100000009  | EAFNOSUPPORT
      X86    | socket       | 38 5                       | EXFULL
      X86    | socketcall   | 1 0                        | EXFULL
      X86_64 | personality  | 0x400000                   | EXFULL
      X86_64 | personality  | 0x100000                   | EXFULL
      X86_64 | userfaultfd  | 1                          | EXFULL
      X86_64 | io_uring_setup | 1 0                      | EXFULL
      X86_64 | ptrace       | 0                          | EXFULL
      X86    | ptrace       | 0                          | EXFULL
      X32    | ptrace       | 0                          | EXFULL
      X86_64 | process_vm_writev | 1 0 0 0 0 0           | EXFULL
      X86_64 | pidfd_getfd  | 0 0 0                      | EXFULL
      X86_64 | kcmp         | 1 1 0 0 0                  | EXFULL
      X86_64 | bpf          | 0 0 0                      | EXFULL
      X86_64 | perf_event_open | 0 0 -1 -1 0             | EXFULL
      X86_64 | add_key      | 0 0 0 0 0                  | EXFULL
      X86_64 | keyctl       | 0 0                        | EXFULL
      X86_64 | mount        | 0 0 0 0 0                  | EXFULL
      X86_64 | fsopen       | 0 0                        | EXFULL
      X86_64 | open_tree    | 0 0 0                      | EXFULL
      X86_64 | move_mount   | 0 0 0 0 0                  | EXFULL
      X86_64 | open_by_handle_at | 0 0 0                 | EXFULL
      X86_64 | mknodat      | 0 0 0x2000 0x101           | EXFULL
      X86_64 | modify_ldt   | 0 0 0                      | EXFULL
      X86    | vm86         | 0 0                        | EXFULL
      """)
  void knownWaysOutAreClosed(Arch arch, String call, String arguments, Errno expected) throws IOException, CommandException {
    var args = new ArrayList<Long>();
    for (String argument : arguments.split(" ")) {
      args.add(argument.startsWith("0x") ? Long.parseUnsignedLong(argument.substring(2), 16)
          : Long.parseLong(argument));
    }
    var calls = new ArrayList<Call>();
    int number = Catalog.get().table(arch).number(call).orElseThrow();
    add(calls, Call.of(arch, number, args.stream().mapToLong(Long::longValue).toArray()));
    Tools.skipUnless(!calls.isEmpty(), "this kernel does not serve int 0x80");
    List<String> options = Jail.of("default").withRareDefault().options();
    assertThat(answered(() -> probe.inJail(options, calls))).isEqualTo(new Answer(true, -expected.number(), 0));
  }

  private interface Question {
    List<Answer> ask() throws IOException;
  }

  /// To a single call that cannot take long.
  private static Answer answered(Question question) throws IOException {
    Answer answer = question.ask().getFirst();
    for (int attempt = 0; attempt < ATTEMPTS && answer.timedOut(); attempt++) {
      answer = question.ask().getFirst();
    }
    return answer;
  }

  private static void add(List<Call> calls, Call call) {
    boolean served = call.arch() != Arch.X86 || servesX86;
    if (served && !BEFORE_THE_FILTER.contains(Catalog.get().table(call.arch()).name(call.number()).orElse(""))) {
      calls.add(call);
    }
  }

  /// One value of each tested argument against all of the others: the constants, their neighbours, stray high bits.
  private static void addEdges(List<Call> calls, Arch arch, int number, Decision decision) {
    var edges = new ArrayList<TreeSet<Long>>();
    for (int i = 0; i < 6; i++) {
      edges.add(new TreeSet<>(Set.of(0L)));
    }
    decision.cases().forEach(c -> collect(c.when(), edges));
    var args = new ArrayList<long[]>(List.of(new long[6]));
    for (int i = 0; i < 6; i++) {
      int index = i;
      args = new ArrayList<>(args.stream().flatMap(row -> edges.get(index).stream().map(value -> {
        long[] copy = row.clone();
        copy[index] = value;
        return copy;
      })).toList());
    }
    if (args.size() > 1) {
      args.forEach(row -> add(calls, Call.of(arch, number, row)));
    }
  }

  private static void collect(Condition condition, List<TreeSet<Long>> edges) {
    switch (condition) {
      case Condition.Compare(int index, long mask, _, long value) -> edges.get(index).addAll(List.of(
          value, value + 1, value - 1, value | 1L << 32, value | ~mask, ~value & mask, value & mask & -value, -1L));
      case Condition.Not(Condition inner) -> collect(inner, edges);
      case Condition.AllOf(List<Condition> terms) -> terms.forEach(term -> collect(term, edges));
      case Condition.AnyOf(List<Condition> terms) -> terms.forEach(term -> collect(term, edges));
    }
  }

  private static void expect(Jail jail, List<Call> calls) throws IOException {
    List<Answer> answers = new ArrayList<>(probe.inJail(jail.options(), calls));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      askAgain(jail, calls, answers);
    }
    var wrong = new ArrayList<String>();
    for (int i = 0; i < calls.size(); i++) {
      Action action = jail.decide(calls.get(i));
      if (!agrees(action, answers.get(i))) {
        wrong.add(calls.get(i) + " is " + answers.get(i) + ", not " + action);
      }
    }
    assertThat(calls).isNotEmpty();
    assertThat(wrong).as(jail.options().toString()).isEmpty();
    System.out.println(String.join(" ", jail.options()) + ": " + calls.size() + " calls");
  }

  /// On a busy machine a call may not even be made before the probe loses patience; then it says nothing yet.
  private static void askAgain(Jail jail, List<Call> calls, List<Answer> answers) throws IOException {
    var slow = new ArrayList<Integer>();
    for (int i = 0; i < calls.size(); i++) {
      if (answers.get(i).timedOut() && !agrees(jail.decide(calls.get(i)), answers.get(i))) {
        slow.add(i);
      }
    }
    if (!slow.isEmpty()) {
      List<Answer> later = probe.inJail(jail.options(), slow.stream().map(calls::get).toList());
      for (int i = 0; i < slow.size(); i++) {
        answers.set(slow.get(i), later.get(i));
      }
    }
  }

  private static boolean agrees(Action action, Answer answer) {
    return switch (action) {
      case Action.Allow(), Action.Log() -> !answer.killed() && answer.value() != -RARE.number();
      case Action.Fail(Errno errno) -> answer.returned() && answer.value() == -errno.number() && answer.status() == 0;
      default -> answer.killed() && !answer.returned();
    };
  }
}
