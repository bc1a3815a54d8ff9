package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GT;
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
/// input and output: newer pastas close all others. Its standard error is a pipe. slirp4netns tells that it is ready by a 1
/// in a pipe of its own; pasta writes a line of its process id, and nothing else, to what it takes for a file, its standard
/// error. Anything else that they say is shown if they end before.
///
/// It is killed when the launcher ends, however that ends; when it ends first, the jail goes on without network.
final class UserNetwork {
  private static final int SECONDS = 20;
  private static final int CHUNK = 1024;

  /// `PID_MAX_LIMIT`, `include/linux/threads.h`, Linux 7.3.
  private static final int MOST_PROCESSES = 1 << 22;

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
    Var ready = a.var("network.readyOutput");
    Var readyInput = a.var("network.readyInput");
    boolean hasReadyPipe = network.helper() == Network.Helper.SLIRP4NETNS;
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
    makePipe(pipe, input, output);
    if (hasReadyPipe) {
      makePipe(pipe, readyInput, ready);
    }
    e.call("rt_sigaction", SIGCHLD, a.bytes(new byte[32]), 0, 8);        // where it is ignored nobody can be waited for
    new NetworkHelper(e).start(network, helper, net, user, output, ready);
    e.call("close", net);
    e.call("close", user);
    e.call("close", output);
    if (hasReadyPipe) {
      e.call("close", ready);
    }
    awaitReady(network.helper(), input, readyInput);
    e.call("sendto", link, "", 1, MSG_NOSIGNAL, 0, 0);
    a.place(gone);
    e.call("close", link);
  }

  /// A helper with much to say must not stop.
  private void makePipe(Buffer pipe, Var input, Var output) {
    e.call("pipe2", pipe, or(O_CLOEXEC, O_NONBLOCK));
    a.load(input, INT, pipe, 0);
    a.load(output, INT, pipe, 4);
  }

  /// The reading ends stay open: nobody reads any more, but a write must not be a signal.
  private void awaitReady(Network.Helper which, Var input, Var readyInput) {
    Buffer poll = a.buffer("network.poll", 16);
    Buffer left = a.buffer("network.left", 16);                           // the kernel counts it down from call to call
    Buffer chunk = a.buffer("network.chunk", CHUNK);
    boolean hasReadyPipe = which == Network.Helper.SLIRP4NETNS;
    Op.Label next = a.label("network.next");
    Op.Label some = a.label("network.some");
    Op.Label scan = a.label("network.scan");
    Op.Label more = a.label("network.more");
    Op.Label ready = a.label("network.helperReady");
    e.routines.clearLine();
    a.set(a.var("network.number"), 0);
    watch(poll, 0, input);
    if (hasReadyPipe) {
      watch(poll, 8, readyInput);
    }
    a.store(LONG, left, 0, Value.of(SECONDS));
    a.place(next);
    e.attempt("ppoll", poll, hasReadyPipe ? 2 : 1, left, 0, 8);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), next);
    e.check();
    a.jumpIf(e.r, GT, 0, some);
    e.routines.flush();
    e.giveUp(Errno.ETIMEDOUT);
    a.place(some);
    if (hasReadyPipe) {
      readReady(poll, readyInput, chunk, next, ready);
    }
    e.call("read", input, chunk, CHUNK - 1);
    a.store(BYTE, chunk, e.r, Value.of(0));
    a.jumpIf(e.r, NE, 0, scan);
    e.routines.flush();
    e.giveUp(Errno.EIO);
    a.place(scan);
    if (!hasReadyPipe) {
      scanForProcessId(chunk, ready);
    }
    a.jumpIf(e.routines.lineBytes(), NE, 0, more);
    e.routines.append("warder: " + which.program() + " says:\n");
    a.place(more);
    e.routines.append(chunk);
    a.jump(next);
    a.place(ready);
    e.routines.clearLine();
  }

  private void watch(Buffer poll, int at, Var file) {
    a.store(INT, poll, at, file);
    a.store(INT, poll, at + 4, POLLIN);
  }

  /// If something came by the pipe that is for that alone: a 1, or it is closed and not looked at any more.
  private void readReady(Buffer poll, Var readyInput, Buffer chunk, Op.Label next, Op.Label ready) {
    Var b = a.var("network.character");
    Op.Label none = a.label("network.notReady");
    a.load(b, INT, poll, 12);                                             // events, and what came of them above
    a.jumpIf(b, EQ, POLLIN, none);
    a.store(BYTE, chunk, 0, Value.of(0));
    e.call("read", readyInput, chunk, 1);
    a.load(b, BYTE, chunk, 0);
    a.jumpIf(b, EQ, '1', ready);
    a.store(INT, poll, 8, Value.of(-1));
    a.jump(next);
    a.place(none);
  }

  /// Goes through the text in `chunk`, which may end in the middle of a line. `network.number` is what the line so far says,
  /// or negative where that is no number.
  private void scanForProcessId(Buffer chunk, Op.Label ready) {
    Var at = a.var("network.at");
    Var b = a.var("network.character");
    Var number = a.var("network.number");
    Var eight = a.var("network.eight");
    Op.Label next = a.label("network.nextCharacter");
    Op.Label inLine = a.label("network.inLine");
    Op.Label noNumber = a.label("network.noNumber");
    Op.Label said = a.label("network.said");
    a.set(at, chunk);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, said);
    a.add(at, 1);
    a.jumpIf(b, NE, '\n', inLine);
    a.jumpIf(number, EQ, helper, ready);
    a.set(number, 0);
    a.jump(next);
    a.place(inLine);
    a.jumpIf(b, LT, '0', noNumber);
    a.jumpIf(b, GT, '9', noNumber);
    a.jumpIf(number, LT, 0, next);
    a.jumpIf(number, GT, MOST_PROCESSES, noNumber);
    a.compute(eight, number, SHIFT_LEFT, Value.of(3));
    a.compute(number, number, ADD, number);
    a.compute(number, number, ADD, eight);
    a.compute(number, number, ADD, b);
    a.add(number, -'0');
    a.jump(next);
    a.place(noNumber);
    a.set(number, -1);
    a.jump(next);
    a.place(said);
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
