package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Network;
import java.util.List;

/// Starts pasta(1) or slirp4netns(1) for [UserNetwork]: root's own program, without environment, with nothing open but what
/// it needs, in a session of its own, and to end with the launcher.
final class NetworkHelper {
  private static final int EXIT_NOT_STARTED = 127;
  private static final int READY_FILE = 3;

  private final Emitter e;
  private final Assembly a;
  private final Op.Label failed;

  NetworkHelper(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.failed = a.label("helper.failed");
  }

  /// @param pid set to the helper's process id
  /// @param net the jail's network namespace
  /// @param user the jail's user namespace
  /// @param output what it says goes here
  /// @param ready it tells here that it is ready, for slirp4netns
  void start(Network.UserMode network, Var pid, Var net, Var user, Var output, Var ready) {
    Var program = a.var("helper.program");
    Var ruleset = a.var("helper.ruleset");
    Var error = a.var("helper.error");
    Op.Label parent = a.label("helper.parent");
    boolean confines = network.helper() == Network.Helper.SLIRP4NETNS;
    new TrustedProgram(e).open(program, network.helper().path());
    if (confines) {
      new HelperFiles(e).allow(ruleset);
    }
    a.note("execute " + String.join(" ", network.command()));
    Buffer arguments = arguments(network.command());
    e.callInto(pid, "clone", or(CLONE_VM, CLONE_VFORK, SIGCHLD), 0, 0, 0, 0);
    a.jumpIf(pid, NE, 0, parent);
    prepare(net, user, output);
    if (network.helper() == Network.Helper.SLIRP4NETNS) {
      must("dup3", ready, READY_FILE, 0);                     // the number is that of an older file of the launcher's
      must("close_range", READY_FILE + 1, 0xFFFFFFFFL, CLOSE_RANGE_CLOEXEC);
    } else {
      must("close_range", READY_FILE, 0xFFFFFFFFL, CLOSE_RANGE_CLOEXEC);
    }
    must("rt_sigprocmask", SIG_SETMASK, a.bytes(new byte[8]), 0, 8);
    if (confines) {
      must("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      must("landlock_restrict_self", ruleset, 0);
    }
    e.attempt("execveat", program, "", arguments, a.bytes(new byte[8]), AT_EMPTY_PATH);
    a.place(failed);
    a.set(error, e.r);                                        // the memory is the launcher's
    a.call(e.r, "exit_group", EXIT_NOT_STARTED);
    a.abort();
    a.place(parent);
    a.set(e.r, error);
    e.check();
    e.call("close", program);
    if (confines) {
      e.call("close", ruleset);
    }
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);             // its change of user may have changed that
  }

  /// The parent-death signal comes after the change of user, which clears it. What the caller sends to its foreground is
  /// for the jail alone.
  private void prepare(Var net, Var user, Var output) {
    Op.Label ordinary = a.label("helper.ordinary");
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    must("setresuid", e.uid, e.uid, e.uid);
    a.place(ordinary);
    must("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    Op.Label alive = a.label("helper.alive");
    e.attempt("getppid");
    a.jumpIf(e.r, EQ, a.var("self"), alive);
    a.set(e.r, -Errno.ESRCH.number());
    a.jump(failed);
    a.place(alive);
    must("setsid");
    must("dup3", net, 0, 0);
    must("dup3", user, 1, 0);
    must("dup3", output, 2, 0);
  }

  /// A call of the child's, which may not go where the launcher's failures go.
  private void must(String name, Object... args) {
    e.attempt(name, args);
    a.jumpIf(e.r, LT, 0, failed);
  }

  private Buffer arguments(List<String> words) {
    Buffer arguments = a.buffer("helper.words", 8 * words.size() + 8);
    for (int i = 0; i < words.size(); i++) {
      a.store(LONG, arguments, 8L * i, a.text(words.get(i)));
    }
    a.store(LONG, arguments, 8L * words.size(), Value.of(0));
    return arguments;
  }
}
