package dev.warder.cli;

import dev.warder.policy.Visible;
import java.util.Arrays;
import java.util.List;

/// The command line. Each command is a class that is loaded only when it is asked for, since `run` waits for it.
public final class Main {
  private static final String USAGE = """
      usage: warder run     [OPTIONS] [--] COMMAND [ARG...]
             warder build   [OPTIONS] -o FILE [--] COMMAND [ARG...]
             warder plan    [OPTIONS] [--] COMMAND [ARG...]
             warder compile [POLICY OPTIONS] [--arch A[,A...]] [--format bpf|listing|c|json] [-o FILE]
             warder check   [-v] POLICY
             warder explain NAME...
             warder eval    [POLICY OPTIONS] [--arch A] 'openat(AT_FDCWD, *, O_RDONLY)'
             warder diff    [--arch A[,A...]] [--format text|json] POLICY POLICY
             warder doc     [--format md|html] [-o FILE] POLICY
             warder convert [--from F] --to F [--arch A[,A...]] [--capability LIST] [-o FILE] FILE|PROFILE
             warder doctor

      POLICY is a profile, or a file in any format that Warder reads; - is standard input.

      policy options: --profile NAME  --policy FILE  --system-call-filter LIST  --capability LIST
                      --drop-capability LIST  --default-action allow|log|errno[:NAME]|kill|kill-thread|trap
                      -v, --verbose
      jail options:   -D, --directory DIR  --read-only  --volatile[=overlay|state|yes|no]  --chdir DIR
                      --bind SRC[:DST[:OPTIONS]]  --bind-ro SRC[:DST[:OPTIONS]]  --tmpfs DST[:OPTIONS]
                      --overlay LOWER[:LOWER...]:UPPER:DST  --overlay-ro LOWER[:LOWER...]:UPPER:DST
                      --file FD:DST[:MODE]  --inaccessible PATH  -u, --user NAME|UID[:GID]
                      --private-users no|pick|START[:COUNT]
                      -E, --setenv KEY[=VALUE]  --hostname NAME  --network none|host  --landlock auto|require|off
                      --rlimit NAME=SOFT[:HARD]  --memory SIZE  --swap SIZE  --pids N  --cpus N
                      --io PATH:rbps|wbps|riops|wiops=RATE[,...]
                      --timeout DURATION  --stats FILE  --as-pid2  --as-pid1  --console autopipe|pipe
                      --keep-fd N  --kill-signal SIGNAL  --umask MODE  --nice N  --oom-score-adjust N
                      --cpu-affinity LIST  --personality x86|x86-64  --monotonic OFFSET  --boottime OFFSET
      """;

  private Main() {}

  /// @param args the command and its arguments
  public static void main(String[] args) {
    int status = run(args);
    System.out.flush();
    if (args.length > 0 && args[0].equals("stage") && status == Status.OK) {
      return;                                     // training takes an orderly end, and an exit would load a logger
    }
    Runtime.getRuntime().halt(status);
  }

  /// Runs a command and tells what went wrong.
  ///
  /// @return the exit code
  static int run(String... args) {
    List<String> words = Arrays.asList(args);
    if (words.isEmpty()) {
      System.err.print(USAGE);
      return Status.USAGE;
    }
    String name = words.getFirst();
    List<String> rest = words.subList(1, words.size());
    boolean makesJails = switch (name) {
      case "image", "run", "build", "plan" -> true;
      default -> false;
    };
    try {
      return command(name, rest);
    } catch (CommandException e) {
      System.err.println("warder: ".concat(Visible.of(e.getMessage())));
    } catch (RuntimeException | AssertionError e) {
      System.err.println("warder: internal error, please report it with the command");
      e.printStackTrace();
    }
    return makesJails ? Status.NO_JAIL : Status.USAGE;
  }

  private static int command(String name, List<String> words) throws CommandException {
    return switch (name) {
      case "image" -> ImageCommand.run(words);
      case "build" -> BuildCommand.run(words);
      case "plan" -> PlanCommand.run(words);
      case "compile" -> CompileCommand.run(words);
      case "check" -> CheckCommand.run(words);
      case "explain" -> ExplainCommand.run(words);
      case "eval" -> EvalCommand.run(words);
      case "diff" -> DiffCommand.run(words);
      case "doc" -> DocCommand.run(words);
      case "convert" -> ConvertCommand.run(words);
      case "doctor" -> DoctorCommand.run(words);
      case "stage" -> StageCommand.run(words);
      case "help", "--help", "-h" -> {
        System.out.print(USAGE);
        yield Status.OK;
      }
      default -> throw new CommandException("there is no command '" + name + "'; see warder --help");
    };
  }
}
