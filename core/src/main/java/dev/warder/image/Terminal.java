package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SUB;
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
import dev.warder.jail.Plan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A terminal of the jail's own, when the caller sits at one: a shell in the jail has job control, and nothing in the jail
/// ever holds the caller's terminal, so it can neither read what is typed elsewhere nor push input into it.
///
/// The launcher looks for the terminal and opens it once more, so that it may be told not to block without telling that
/// to everybody else who has it open. Process 1 makes the pseudo-terminal in the jail's own devpts and hands its master
/// to the launcher, which copies between the two. Neither side blocks, so the launcher never stops watching.
///
/// Source: pts(4), ioctl_tty(2), termios(3), unix(7), man-pages 6.9; `drivers/tty/tty_jobctrl.c`, Linux 7.3.
final class Terminal {
  /// How many entries the launcher polls for the terminal.
  static final int POLLED = 3;

  private static final int CHUNK = 4096;
  private static final int TERMIOS_BYTES = 36;

  /// Three of these in a row, control and `]`, end the jail: in raw mode no other key can.
  private static final int ESCAPE = 0x1D;

  // Bytes into a channel: from, to, its entry in the launcher's poll, how many bytes wait, the next; then the bytes.
  private static final int FROM = 0;
  private static final int TO = 8;
  private static final int ENTRY = 16;
  private static final int WAITING = 24;
  private static final int NEXT = 32;
  private static final int BYTES = 40;

  // Bytes into struct msghdr and the control message.
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROL_BYTES = 40;
  private static final int MSG_FLAGS = 48;
  private static final int CONTROL_FD = 16;
  private static final int CONTROL_BYTES = 24;

  private final Emitter e;
  private final Assembly a;
  private final Plan plan;

  /// Where process 1 keeps its end of the link.
  private final int linkFile;

  private final Var terminal;
  private final Var device;
  private final Var master;
  private final Var link;
  private final Var insideLink;
  private final Var escapes;
  private final Var isRaw;
  private final Buffer saved;
  private final Buffer message;
  private final Buffer passed;
  private final Buffer input;
  private final Buffer output;

  // Parameters and results of the subroutines.
  private final Op.Label deviceOf;
  private final Var file;
  private final Var fileDevice;
  private final Op.Label resize;
  private final Op.Label receive;
  private final Op.Label pump;
  private final Var channel;
  private final Var moved;
  private final Var typed;
  private final Var typedBytes;

  Terminal(Emitter e, Plan plan) {
    this.plan = plan;
    this.linkFile = linkFile(plan.process().keptFiles());
    this.e = e;
    this.a = e.a;
    this.terminal = a.var("terminal");
    this.device = a.var("terminal.device");
    this.master = a.var("terminal.master");
    this.link = a.var("terminal.link");
    this.insideLink = a.var("terminal.insideLink");
    this.escapes = a.var("terminal.escapes");
    this.isRaw = a.var("terminal.isRaw");
    this.saved = a.buffer("termios", TERMIOS_BYTES);
    this.message = a.buffer("msghdr", 56);
    this.passed = a.buffer("cmsghdr", CONTROL_BYTES);
    this.input = a.buffer("input", BYTES + CHUNK);
    this.output = a.buffer("output", BYTES + CHUNK);
    this.deviceOf = a.label("terminal.deviceOf");
    this.file = a.var("terminal.file");
    this.fileDevice = a.var("terminal.fileDevice");
    this.resize = a.label("terminal.resize");
    this.receive = a.label("terminal.receive");
    this.pump = a.label("terminal.pump");
    this.channel = a.var("terminal.channel");
    this.moved = a.var("terminal.moved");
    this.typed = a.var("terminal.typed");
    this.typedBytes = a.var("terminal.typedBytes");
  }

  /// In the launcher: standard input and output are the controlling terminal, and the caller is in its foreground.
  /// Anything else is left as it is: pipes, files, a terminal that somebody else uses. That it cannot be told is no reason
  /// to hand a terminal over.
  void find() {
    Buffer answer = a.buffer("ioctl", 8);
    Op.Label none = a.label("terminal.none");
    Op.Label done = a.label("terminal.looked");
    a.set(link, -1);
    deviceOf(Value.of(0));
    a.jumpIf(fileDevice, EQ, 0, done);
    a.set(device, fileDevice);
    deviceOf(Value.of(1));
    a.jumpIf(fileDevice, NE, device, done);
    e.attempt("openat", AT_FDCWD, "/dev/tty", or(O_RDWR, O_NOCTTY, O_NONBLOCK, O_CLOEXEC), 0);
    a.jumpIf(e.r, EQ, -Errno.ENXIO.number(), done);                        // no terminal controls this process
    e.check();
    a.set(terminal, e.r);
    deviceOf(terminal);
    a.jumpIf(fileDevice, NE, device, none);
    e.call("ioctl", terminal, TIOCGPGRP, answer);
    a.load(file, INT, answer, 0);
    e.call("getpgid", 0);
    a.jumpIf(e.r, NE, file, none);
    e.call("socketpair", AF_UNIX, or(SOCK_SEQPACKET, SOCK_CLOEXEC), 0, answer);
    a.load(link, INT, answer, 0);
    a.load(insideLink, INT, answer, 4);
    a.store(LONG, message, MSG_CONTROL, passed);
    a.store(LONG, message, MSG_CONTROL_BYTES, Value.of(CONTROL_BYTES));
    a.store(LONG, passed, 0, Value.of(CONTROL_FD + 4));
    a.store(LONG, passed, 8, Value.of(1L << 32 | 1));                    // SOL_SOCKET, SCM_RIGHTS
    a.jump(done);
    a.place(none);
    a.set(terminal, 0);
    a.place(done);
  }

  private void deviceOf(Value what) {
    a.set(file, what);
    a.invoke(deviceOf);
  }

  /// In process 1: a pseudo-terminal that looks like the caller's terminal becomes its standard files.
  ///
  /// @param dev the jail's `/dev`, 0 if it has none
  void make(Var dev) {
    Var slave = a.var("terminal.slave");
    Op.Label done = a.label("terminal.made");
    a.jumpIf(terminal, EQ, 0, done);
    a.jumpIf(dev, EQ, 0, done);
    e.callInto(master, "openat", dev, "pts/ptmx", or(O_RDWR, O_NOCTTY, O_NONBLOCK, O_CLOEXEC), 0);
    e.call("ioctl", master, TIOCSPTLCK, a.bytes(new byte[8]));
    e.callInto(slave, "ioctl", master, TIOCGPTPEER, or(O_RDWR, O_NOCTTY, O_CLOEXEC));
    e.call("ioctl", terminal, TCGETS, saved);
    e.call("ioctl", master, TCSETS, saved);                              // those of the slave
    a.invoke(resize);
    a.store(INT, passed, CONTROL_FD, master);
    e.call("sendmsg", insideLink, message, 0);
    deviceOf(Value.of(2));
    e.call("dup3", slave, 0, 0);
    e.call("dup3", slave, 1, 0);
    a.jumpIf(fileDevice, NE, device, done);
    e.call("dup3", slave, 2, 0);
    a.place(done);
  }

  /// In process 1: closes all files but the standard ones, those kept, and the link.
  void closeOthersBut(List<Integer> kept) {
    Op.Label none = a.label("terminal.noLink");
    Op.Label there = a.label("terminal.linkThere");
    Op.Label done = a.label("terminal.closed");
    a.jumpIf(terminal, EQ, 0, none);
    a.jumpIf(insideLink, EQ, linkFile, there);
    e.call("dup3", insideLink, linkFile, O_CLOEXEC);
    a.place(there);
    var withLink = new ArrayList<>(kept);
    withLink.add(linkFile);
    Collections.sort(withLink);
    e.closeFilesBut(withLink);
    a.jump(done);
    a.place(none);
    e.closeFilesBut(kept);
    a.place(done);
  }

  /// The lowest number that is free.
  private static int linkFile(List<Integer> kept) {
    int file = 3;
    while (kept.contains(file)) {
      file++;
    }
    return file;
  }

  /// As the program, which leads a session: the pseudo-terminal becomes the controlling one.
  void adopt() {
    Op.Label none = a.label("terminal.notAdopted");
    a.jumpIf(terminal, EQ, 0, none);
    e.call("ioctl", 0, TIOCSCTTY, 0);
    a.place(none);
  }

  /// In the reaper: tells the launcher that the program was stopped.
  void tellStopped() {
    e.attempt("write", linkFile, "s", 1);
  }

  /// Before the launcher's first wait.
  void prepare(Buffer poll, int index) {
    entry(poll, index, link);
    entry(poll, index + 1, Value.of(-1));
    entry(poll, index + 2, Value.of(-1));
    a.compute(file, poll, ADD, Value.of(8L * (index + 1)));
    a.store(LONG, input, ENTRY, file);
    a.compute(file, poll, ADD, Value.of(8L * (index + 2)));
    a.store(LONG, output, ENTRY, file);
  }

  private void entry(Buffer poll, int index, Value file) {
    a.store(INT, poll, 8L * index, file);
    a.store(INT, poll, 8L * index + 4, POLLIN);
  }

  /// After each wait of the launcher.
  ///
  /// @param suspend where to go when the jail stopped itself
  /// @param kill where to go when the user ends it
  void serve(Buffer poll, int index, Op.Label suspend, Op.Label kill) {
    Var ready = a.var("ready");
    Op.Label copy = a.label("terminal.copy");
    Op.Label first = a.label("terminal.first");
    Op.Label gone = a.label("terminal.linkGone");
    Op.Label done = a.label("terminal.served");
    a.jumpIf(terminal, EQ, 0, done);
    a.load(ready, BYTE, poll, 8L * index + 6);
    a.jumpIf(ready, EQ, 0, copy);
    a.jumpIf(isRaw, EQ, 0, first);
    e.attempt("read", link, a.buffer("ioctl", 8), 1);
    a.jumpIf(e.r, GT, 0, suspend);
    a.place(gone);
    a.store(INT, poll, 8L * index, Value.of(-1));
    a.jump(copy);
    a.place(first);
    a.invoke(receive);
    e.check();
    a.jumpIf(isRaw, EQ, 0, gone);                                        // process 1 ended before
    a.place(copy);
    a.jumpIf(isRaw, EQ, 0, done);
    a.set(channel, output);
    a.invoke(pump);
    a.set(channel, input);
    a.invoke(pump);
    countEscapes(kill);
    a.place(done);
  }

  /// Looks at what was just read from the terminal.
  private void countEscapes(Op.Label kill) {
    Var at = a.var("escape.at");
    Var b = a.var("escape.byte");
    Op.Label next = a.label("escape.next");
    Op.Label other = a.label("escape.other");
    Op.Label done = a.label("escape.done");
    a.set(at, 0);
    a.place(next);
    a.jumpIf(at, Op.Test.GE, typedBytes, done);
    a.load(b, BYTE, typed, at);
    a.add(at, 1);
    a.jumpIf(b, NE, ESCAPE, other);
    a.add(escapes, 1);
    a.jumpIf(escapes, EQ, 3, kill);
    a.jump(next);
    a.place(other);
    a.set(escapes, 0);
    a.jump(next);
    a.place(done);
  }

  void resume() {
    Op.Label none = a.label("terminal.notResumed");
    a.jumpIf(isRaw, EQ, 0, none);
    makeRaw();
    a.place(none);
  }

  /// The terminal hands on each key as it is. In the background the kernel stops the launcher here, until it is in the
  /// foreground again. Leaves the last call's result for the caller to look at.
  private void makeRaw() {
    Buffer raw = a.buffer("termios.raw", TERMIOS_BYTES);
    Op.Label unknown = a.label("terminal.unknown");
    a.set(isRaw, 1);
    e.attempt("ioctl", terminal, TCGETS, raw);
    a.jumpIf(e.r, LT, 0, unknown);
    a.store(LONG, raw, 0, Value.of(0));                                  // c_iflag, c_oflag
    a.store(INT, raw, 12, Value.of(0));                                  // c_lflag
    e.attempt("ioctl", terminal, TCSETS, raw);
    a.place(unknown);
  }

  /// The terminal as it was found, whatever the launcher ends by.
  void restore() {
    if (!plan.process().ownTerminal()) {
      return;
    }
    Op.Label done = a.label("terminal.restored");
    a.jumpIf(isRaw, EQ, 0, done);
    a.call(a.var("terminal.answer"), "ioctl", terminal, TCSETS, saved);
    a.place(done);
  }

  /// A new size goes to the pseudo-terminal, and the kernel tells the jail's foreground processes. A wish to stop goes to
  /// the jail alone: it tells when it has stopped, as it does when it stopped by itself.
  ///
  /// @param pass where to go if the jail gets the signal as it is
  /// @param done where to go if all is done
  void takeSignal(Var signal, Op.Label pass, Op.Label done) {
    Op.Label none = a.label("terminal.noSignal");
    Op.Label other = a.label("terminal.otherSignal");
    a.jumpIf(isRaw, EQ, 0, none);
    a.jumpIf(signal, NE, SIGWINCH, other);
    a.invoke(resize);
    a.jump(done);
    a.place(other);
    if (!plan.process().asPid1()) {
      a.jumpIf(signal, EQ, SIGTSTP, pass);
    }
    a.place(none);
  }

  /// What the jail wrote last comes out, however long the terminal takes: there is nothing left to watch. A jail may have
  /// ended before this process came to look at it.
  void drain() {
    Op.Label has = a.label("drain.has");
    Op.Label more = a.label("drain.more");
    Op.Label done = a.label("drain.done");
    a.jumpIf(terminal, EQ, 0, done);
    a.jumpIf(isRaw, NE, 0, has);
    a.invoke(receive);
    a.jumpIf(isRaw, EQ, 0, done);
    a.place(has);
    e.attempt("fcntl", terminal, F_SETFL, 0);
    a.set(channel, output);
    a.place(more);
    a.invoke(pump);
    a.jumpIf(moved, GT, 0, more);
    a.place(done);
  }

  /// The number of a terminal's device, 0 for any other file; [#receive] takes what process 1 sent, if anything, and leaves
  /// the last call's result; [#pump] fills an empty [#channel] and empties it, as far as
  /// that goes now, and says in its poll entry what it waits for. [#moved] says how many bytes came out, [#typed] and
  /// [#typedBytes] what came in. A side that is gone is not waited for again.
  void emitSubroutines() {
    Buffer answer = a.buffer("ioctl", 8);
    Op.Label none = a.label("deviceOf.none");
    Op.Label nothing = a.label("receive.nothing");
    Op.Label received = a.label("receive.received");
    a.place(deviceOf);
    a.set(fileDevice, 0);
    e.attempt("ioctl", file, TIOCGDEV, answer);
    for (Errno refused : List.of(Errno.EPERM, Errno.EACCES, Errno.ENOSYS)) {
      a.jumpIf(e.r, EQ, -refused.number(), e.fail);
    }
    a.jumpIf(e.r, LT, 0, none);
    a.load(fileDevice, INT, answer, 0);
    a.place(none);
    a.ret();

    a.place(resize);
    e.attempt("ioctl", terminal, TIOCGWINSZ, answer);
    e.attempt("ioctl", master, TIOCSWINSZ, answer);
    a.ret();

    a.place(receive);
    e.attempt("recvmsg", link, message, or(MSG_CMSG_CLOEXEC, MSG_DONTWAIT));
    a.jumpIf(e.r, LT, 0, nothing);
    a.load(master, INT, passed, CONTROL_FD);
    a.jumpIf(master, NE, 0, received);
    a.load(e.r, INT, message, MSG_FLAGS);
    a.jumpIf(e.r, EQ, 0, nothing);                                       // the other end is closed
    a.set(e.r, -Errno.EMFILE.number());                                  // MSG_CTRUNC
    a.jump(nothing);
    a.place(received);
    a.store(LONG, input, FROM, terminal);
    a.store(LONG, input, TO, master);
    a.store(LONG, output, FROM, master);
    a.store(LONG, output, TO, terminal);
    e.attempt("ioctl", terminal, TCGETS, saved);
    a.jumpIf(e.r, LT, 0, nothing);
    makeRaw();
    a.place(nothing);
    a.ret();

    emitPump();
  }

  private void emitPump() {
    Var at = a.var("pump.at");
    Var left = a.var("pump.left");
    Var entry = a.var("pump.entry");
    Op.Label write = a.label("pump.write");
    Op.Label unread = a.label("pump.unread");
    Op.Label unwritten = a.label("pump.unwritten");
    Op.Label await = a.label("pump.await");
    Op.Label awaitRoom = a.label("pump.awaitRoom");
    Op.Label enter = a.label("pump.enter");
    a.place(pump);
    a.set(moved, 0);
    a.set(typedBytes, 0);
    a.load(left, LONG, channel, WAITING);
    a.load(at, LONG, channel, NEXT);
    a.jumpIf(left, NE, 0, write);
    a.load(file, INT, channel, FROM);
    a.compute(at, channel, ADD, Value.of(BYTES));
    e.attempt("read", file, at, CHUNK);
    a.jumpIf(e.r, LE, 0, unread);
    a.set(left, e.r);
    a.set(typed, at);
    a.set(typedBytes, left);
    a.place(write);
    a.load(file, INT, channel, TO);
    e.attempt("write", file, at, left);
    a.jumpIf(e.r, LT, 0, unwritten);
    a.set(moved, e.r);
    a.compute(left, left, SUB, moved);
    a.compute(at, at, ADD, moved);
    a.jump(await);

    a.place(unwritten);
    a.jumpIf(e.r, EQ, -Errno.EAGAIN.number(), await);
    a.set(left, 0);
    a.place(unread);
    a.jumpIf(e.r, EQ, -Errno.EAGAIN.number(), await);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), await);
    a.store(INT, channel, FROM, Value.of(-1));
    a.place(await);
    a.store(LONG, channel, WAITING, left);
    a.store(LONG, channel, NEXT, at);
    a.load(entry, LONG, channel, ENTRY);
    a.jumpIf(left, NE, 0, awaitRoom);
    a.load(file, INT, channel, FROM);
    a.store(INT, entry, 4, POLLIN);
    a.jump(enter);
    a.place(awaitRoom);
    a.store(INT, entry, 4, POLLOUT);
    a.place(enter);
    a.store(INT, entry, 0, file);
    a.ret();
  }
}
