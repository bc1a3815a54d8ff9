package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Errno;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Whatever system call of a launch fails, in whatever way: the program is not started, the message says at what, and
/// nothing is left behind. Calls whose failure is no failure of the jail are listed in `tolerated.tsv`, with a reason.
///
/// The calls are found by tracing a launch, so a new step is tried without a word here; a new option needs a [FaultShape].
/// `-Dfaults=all` tries every error at every call of every shape. Without, a place in the code that several shapes share is
/// tried with every error once, and drawn now and then; `-Dfaults.seed=N` draws others.
class FaultsIT {
  private static final boolean ALL = "all".equals(System.getProperty("faults"));
  private static final long SEED = Long.getLong("faults.seed", 1);

  /// Part of the name of the shapes to try.
  private static final String SHAPE = System.getProperty("faults.shape", "");

  /// Of so many known places one is tried again.
  private static final int DRAWN = 10;

  private static final Pattern MESSAGE =
      Pattern.compile("warder: cannot (.+?): (E[A-Z0-9]+|error [0-9]+): [^:\\\\].*\\\\n");

  /// Too rare to have a name in an image.
  private static final Set<Errno> UNNAMED =
      Set.of(Errno.ECANCELED, Errno.EPROTONOSUPPORT, Errno.EDESTADDRREQ, Errno.ENOMSG, Errno.EBADFD);

  private static final String ANOTHER_ERROR = "another error";

  /// Places that any caller's launch has been tried at.
  private static final Set<String> TRIED = ConcurrentHashMap.newKeySet();

  private final Random random = new Random(SEED);

  /// The callers side by side, since a launch under a tracer keeps one processor busy.
  @ForEachCaller
  @Execution(ExecutionMode.CONCURRENT)
  void aFailingCallKeepsTheProgramFromStarting(Caller who) throws IOException {
    Path work = Program.readableFolder("work");
    CProgram.build("faults/started.c", work.resolve("started"));
    Caller caller = who.in(work);
    var faults = new Faults();
    var wrong = new ArrayList<String>();
    var named = new HashSet<String>();
    int reached = 0;
    List<FaultShape> shapes = FaultShape.all(caller, work);
    for (FaultShape shape : shapes) {
      if (!shape.name().contains(SHAPE)) {
        continue;
      }
      FaultShape.Launch launch = shape.launch(caller);
      List<String> steps = shape.steps(caller);
      List<Faults.Call> calls = faults.trace(launch);
      assertThat(calls).as(shape.name()).hasSizeGreaterThan(100);
      int mounts = Integer.MAX_VALUE;                         // others may take theirs away meanwhile
      for (Faults.Outcome outcome : faults.run(launch, trials(calls))) {
        if (outcome.reached()) {
          reached++;
          String problem = outcome.mounts() > mounts ? "a mount is left" : problem(outcome, shape, steps, named);
          if (!problem.isEmpty()) {
            wrong.add(shape.name() + ": " + problem + ": " + outcome);
          }
        }
        mounts = outcome.mounts();
      }
    }
    System.out.println("faults, " + caller + ": " + reached + " pairs of a call and an error, in " + named.size()
        + " steps of plans of " + shapes.size() + " shapes, seed " + SEED);
    assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    assertThat(SHAPE.isEmpty() ? reached : 1000).isGreaterThanOrEqualTo(1000);
  }

  private List<Faults.Trial> trials(List<Faults.Call> calls) {
    var trials = new ArrayList<Faults.Trial>();
    for (Faults.Call call : calls) {
      List<Errno> errnos = call.errnos();
      if (!TRIED.add(call.site()) && !ALL) {
        errnos = random.nextInt(DRAWN) > 0 ? List.of() : List.of(errnos.get(random.nextInt(errnos.size())));
      }
      for (Errno errno : errnos) {
        trials.add(new Faults.Trial(call, errno));
      }
    }
    return trials;
  }

  /// What is wrong with an outcome; empty if nothing.
  ///
  /// @param named the steps that messages have named so far
  private static String problem(Faults.Outcome outcome, FaultShape shape, List<String> steps, Set<String> named) {
    String tolerated = Faults.tolerated(outcome.failed(), outcome.trial().errno());
    String refused = refused(outcome, steps, named);
    if (outcome.left() > 0 && !tolerated.equals("leaves") && !tolerated.equals("raw")) {
      return "processes or control groups are left, or the terminal is not as it was";
    }
    return switch (tolerated) {
      case "runs", "leaves" -> ran(outcome) || refused.equals(ANOTHER_ERROR) ? "" : refused;
      case "mute" -> ran(outcome) || isMute(outcome) ? "" : refused;
      case "lost", "raw" -> ran(outcome) || isMute(outcome) || outcome.status().equals("125") ? "" : "not ended with 125";
      case "hides" -> outcome.status().equals("127") || shape.hasRoot() && ran(outcome) ? "" : refused;
      case "home" -> ran(outcome) && outcome.err().startsWith("warder: the current folder ") ? "" : refused;
      case "exec" -> outcome.payloads() == 0 && outcome.err().startsWith("warder: cannot run ")
          && (outcome.status().equals("126") || outcome.status().equals("127")) ? "" : "not said to be unable to run";
      case "late" -> outcome.status().equals("125") ? "" : "not ended with 125";
      default -> refused.isEmpty() && outcome.payloads() > 0 ? "a program was started" : refused;
    };
  }

  private static boolean isMute(Faults.Outcome outcome) {
    return outcome.status().equals("0") && outcome.out().isEmpty() && outcome.payloads() > 0;
  }

  private static boolean ran(Faults.Outcome outcome) {
    return outcome.status().equals("0") && outcome.out().equals("STARTED\\n");
  }

  private static String refused(Faults.Outcome outcome, List<String> steps, Set<String> named) {
    var message = MESSAGE.matcher(outcome.err());
    if (!outcome.status().equals("125") || !outcome.out().isEmpty()) {
      return "not refused";
    } else if (!message.matches()) {
      return "no such message as wanted";
    } else if (!steps.contains(message.group(1))) {
      return "not a step of the plan";
    }
    Errno errno = outcome.trial().errno();
    if (!message.group(2).equals(UNNAMED.contains(errno) ? "error " + errno.number() : errno.name())) {
      return ANOTHER_ERROR;
    }
    named.add(message.group(1));
    return "";
  }
}
