package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GT;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Network;
import dev.warder.jail.Plan;
import dev.warder.jail.Step;

/// Connects the jail's own network to the caller's by a program in user space, which the launcher starts as the user that
/// the jail runs as and who owns its namespaces.
///
/// Process 1 is closed to that user, so it hands its namespaces over as open files, and the helper gets them as its standard
/// input and output: newer pastas close all others. Its standard error is a pipe, by which it tells that it is ready, with a
/// line that begins with a digit: slirp4netns writes a 1, pasta its process id to what it takes for a file. Anything else
/// that it says is shown if it ends before.
///
/// It is killed when the launcher ends, however that ends; when it ends first, the jail goes on without network.
final class UserNetwork {
  private static final int SECONDS = 20;
  private static final int CHUNK = 1024;

  // Offsets in `struct msghdr` and in a message that carries two files; cmsg(3).
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVS = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROL_BYTES = 40;
  private static final int CONTROL_FILES = 16;
  private static final int CONTROL_BYTES = 24;

  private final Emitter e;
  private final Assembly a;
  private final boolean asked;
  private final Var link;
  private final Var insideLink;
  private final Var helper;

  UserNetwork(Emitter e, Plan plan) {
    this.e = e;
    this.a = e.a;
    this.asked = isAsked(plan);
    this.link = a.var("network.link");
    this.insideLink = a.var("network.insideLink");
    this.helper = a.var("network.helper");
  }

  private static boolean isAsked(Plan plan) {
    for (Step step : plan.launcher()) {
      if (step instanceof Step.StartNetwork) {
        return true;
      }
    }
    return false;
  }

  /// Before process 1 is made.
  void prepare() {
    if (asked) {
      Buffer pair = a.buffer("network.pair", 8);
      e.call("socketpair", AF_UNIX, or(SOCK_SEQPACKET, SOCK_CLOEXEC), 0, pair);
      a.load(link, INT, pair, 0);
      a.load(insideLink, INT, pair, 4);
    }
  }

  /// In process 1, once its network is the one that the jail will have: hands it over and waits. Where the launcher gives up
  /// it has said why.
  ///
  /// @param self the folder of the own process in `/proc`, or `AT_FDCWD` where `/proc` is there
  void await(Value self) {
    Buffer message = message();
    Buffer control = a.buffer("network.control", CONTROL_BYTES);
    Op.Label ready = a.label("network.ready");
    String folder = self == AT_FDCWD ? "/proc/self/" : "";
    e.call("close", link);
    a.store(LONG, control, 0, Value.of(CONTROL_BYTES));
    a.store(LONG, control, 8, Value.of(1L << 32 | 1));                   // SOL_SOCKET, SCM_RIGHTS
    e.call("openat", self, folder + "ns/net", or(O_RDONLY, O_CLOEXEC), 0);
    a.store(INT, control, CONTROL_FILES, e.r);
    e.call("openat", self, folder + "ns/user", or(O_RDONLY, O_CLOEXEC), 0);
    a.store(INT, control, CONTROL_FILES + 4, e.r);
    e.call("sendmsg", insideLink, message, 0);
    for (int file = 0; file < 2; file++) {
      a.load(a.var("network.sent"), INT, control, CONTROL_FILES + 4 * file);
      e.call("close", a.var("network.sent"));
    }
    e.call("read", insideLink, a.buffer("network.byte", 8), 1);
    a.jumpIf(e.r, EQ, 1, ready);
    a.call(e.r, "exit_group", Failure.EXIT_CODE);
    a.abort();
    a.place(ready);
    e.call("close", insideLink);
  }

  /// One byte and two files.
  private Buffer message() {
    Buffer message = a.buffer("network.message", 56);
    Buffer parts = a.buffer("network.parts", 16);
    a.store(LONG, parts, 0, a.buffer("network.byte", 8));
    a.store(LONG, parts, 8, Value.of(1));
    a.store(LONG, message, MSG_IOV, parts);
    a.store(LONG, message, MSG_IOVS, Value.of(1));
    a.store(LONG, message, MSG_CONTROL, a.buffer("network.control", CONTROL_BYTES));
    a.store(LONG, message, MSG_CONTROL_BYTES, Value.of(CONTROL_BYTES));
    return message;
  }

  /// In the launcher, when process 1 is made and before its program is.
  void start(Network.UserMode network) {
    Buffer control = a.buffer("network.control", CONTROL_BYTES);
    Buffer pipe = a.buffer("network.pipe", 8);
    Var net = a.var("network.net");
    Var user = a.var("network.user");
    Var input = a.var("network.input");
    Var output = a.var("network.output");
    Op.Label gone = a.label("network.gone");
    Op.Label both = a.label("network.both");
    e.call("close", insideLink);
    e.call("recvmsg", link, message(), MSG_CMSG_CLOEXEC);
    a.jumpIf(e.r, EQ, 0, gone);                                          // process 1 has ended, and has said why
    a.load(net, INT, control, CONTROL_FILES);
    a.load(user, INT, control, CONTROL_FILES + 4);
    a.jumpIf(user, NE, 0, both);
    e.giveUp(Errno.EMFILE);
    a.place(both);
    e.call("pipe2", pipe, or(O_CLOEXEC, O_NONBLOCK));                    // a helper with much to say must not stop
    a.load(input, INT, pipe, 0);
    a.load(output, INT, pipe, 4);
    e.call("rt_sigaction", SIGCHLD, a.bytes(new byte[32]), 0, 8);        // where it is ignored nobody can be waited for
    new NetworkHelper(e).start(network, helper, net, user, output);
    e.call("close", net);
    e.call("close", user);
    e.call("close", output);
    awaitReady(network.helper(), input);
    e.call("sendto", link, "", 1, MSG_NOSIGNAL, 0, 0);
    a.place(gone);
    e.call("close", link);
  }

  /// The reading end stays open: nobody reads any more, but a write must not be a signal.
  private void awaitReady(Network.Helper which, Var input) {
    Buffer poll = a.buffer("network.poll", 8);
    Buffer left = a.buffer("network.left", 16);                           // the kernel counts it down from call to call
    Buffer chunk = a.buffer("network.chunk", CHUNK);
    Var at = a.var("network.at");
    Var b = a.var("network.character");
    Var previous = a.var("network.previous");
    Op.Label next = a.label("network.next");
    Op.Label some = a.label("network.some");
    Op.Label scan = a.label("network.scan");
    Op.Label noDigit = a.label("network.noDigit");
    Op.Label said = a.label("network.said");
    Op.Label more = a.label("network.more");
    Op.Label ready = a.label("network.helperReady");
    e.routines.clearLine();
    a.set(previous, '\n');
    a.store(INT, poll, 0, input);
    a.store(INT, poll, 4, POLLIN);
    a.store(LONG, left, 0, Value.of(SECONDS));
    a.place(next);
    e.attempt("ppoll", poll, 1, left, 0, 8);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), next);
    e.check();
    a.jumpIf(e.r, GT, 0, some);
    e.routines.flush();
    e.giveUp(Errno.ETIMEDOUT);
    a.place(some);
    e.call("read", input, chunk, CHUNK - 1);
    a.store(BYTE, chunk, e.r, Value.of(0));
    a.set(at, chunk);
    a.jumpIf(e.r, NE, 0, scan);
    e.routines.flush();
    e.giveUp(Errno.EIO);
    a.place(scan);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, said);
    a.add(at, 1);
    a.jumpIf(previous, NE, '\n', noDigit);
    a.jumpIf(b, LT, '0', noDigit);
    a.jumpIf(b, LE, '9', ready);
    a.place(noDigit);
    a.set(previous, b);
    a.jump(scan);
    a.place(said);
    a.jumpIf(e.routines.lineBytes(), NE, 0, more);
    e.routines.append("warder: " + which.program() + " says:\n");
    a.place(more);
    e.routines.append(chunk);
    a.jump(next);
    a.place(ready);
    e.routines.clearLine();
  }

  /// In the launcher, when the jail has ended or cannot be made.
  void end() {
    if (!asked) {
      return;
    }
    Op.Label none = a.label("network.none");
    Op.Label again = a.label("network.again");
    a.jumpIf(helper, EQ, 0, none);
    e.attempt("kill", helper, SIGKILL);
    a.jumpIf(e.r, LT, 0, none);
    a.place(again);
    e.attempt("waitid", P_PID, helper, 0, WEXITED, 0);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), again);
    a.place(none);
  }
}
