package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import java.nio.charset.StandardCharsets;

/// A connection to systemd, the caller's own manager, or the system's when root calls, by the socket that systemctl(1) uses.
///
/// No bus is between. Where the manager hangs, neither connecting nor a wait for an answer takes longer than a second.
///
/// Source: D-Bus specification 0.43, "Authentication Protocol"; systemd 252, `src/shared/bus-util.c`.
final class ManagerSocket {
  /// Of a wait.
  private static final int PATIENCE_SECONDS = 1;
  private static final int SOCKADDR_BYTES = 110;

  private final Emitter e;
  private final Assembly a;
  private final Groups groups;
  private final Op.Label receive;
  private final Var socket;
  private final Var at;
  private final Var byteSize;

  /// 1 if all came that was waited for, 0 if nothing did in time, -1 if nothing will.
  final Var came;

  ManagerSocket(Emitter e, Groups groups) {
    this.e = e;
    this.a = e.a;
    this.groups = groups;
    this.receive = a.label("manager.receive");
    this.socket = a.var("manager.socket");
    this.at = a.var("manager.at");
    this.byteSize = a.var("manager.byteSize");
    this.came = a.var("manager.came");
  }

  /// @param buffer for 64 bytes
  /// @param none where nothing is to be closed
  /// @param gone where [#close] comes next
  void connect(Buffer buffer, Op.Label none, Op.Label gone) {
    a.call(socket, "socket", AF_UNIX, or(SOCK_STREAM, SOCK_CLOEXEC), 0);
    a.jumpIf(socket, LT, 0, none);
    for (Value.Const option : new Value.Const[] {SO_RCVTIMEO, SO_SNDTIMEO}) {
      a.callOr(gone, e.r, "setsockopt", socket, SOL_SOCKET, option, a.bytes(Emitter.longs(PATIENCE_SECONDS, 0)), 16);
    }
    a.callOr(gone, e.r, "connect", socket, address(), SOCKADDR_BYTES);
    authenticate(buffer, gone);
  }

  void close() {
    e.attempt("close", socket);
  }

  /// `struct sockaddr_un`, unix(7).
  private Buffer address() {
    Buffer address = a.buffer("manager.address", SOCKADDR_BYTES);
    Var path = a.var("manager.path");
    Op.Label ordinary = a.label("manager.ordinary");
    Op.Label named = a.label("manager.named");
    a.store(INT, address, 0, AF_UNIX);
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.routines.append("/run");
    a.jump(named);
    a.place(ordinary);
    e.routines.append("/run/user/");
    e.routines.appendNumber(e.uid);
    a.place(named);
    e.routines.append("/systemd/private");
    a.compute(path, address, ADD, Value.of(2));
    groups.copyLine(path);
    e.routines.clearLine();
    return address;
  }

  /// By the user id that the kernel vouches for, whose digits are named in hexadecimal.
  private void authenticate(Buffer message, Op.Label gone) {
    Var from = a.var("manager.from");
    Var to = a.var("manager.to");
    Var b = a.var("manager.byte");
    Op.Label digit = a.label("manager.digit");
    Op.Label line = a.label("manager.line");
    e.routines.appendNumber(e.uid);
    e.routines.clearLine();
    a.set(from, e.routines.line());
    a.set(to, message);
    a.place(digit);
    a.load(b, BYTE, from, 0);
    a.store(BYTE, to, 0, Value.of('3'));
    a.store(BYTE, to, 1, b);
    a.add(from, 1);
    a.add(to, 2);
    a.load(b, BYTE, from, 0);
    a.jumpIf(b, NE, 0, digit);
    a.compute(to, to, SUB, message);
    send(a.bytes("\0AUTH EXTERNAL ".getBytes(StandardCharsets.US_ASCII)), 15, gone);
    send(message, to, gone);
    send(a.text("\r\n"), 2, gone);
    receive(message, Value.of(1), gone);
    a.load(b, BYTE, message, 0);
    a.jumpIf(b, NE, 'O', gone);                               // OK and a number of the server's
    a.place(line);
    receive(message, Value.of(1), gone);
    a.load(b, BYTE, message, 0);
    a.jumpIf(b, NE, '\n', line);
    send(a.text("BEGIN\r\n"), 7, gone);
  }

  void send(Value bytes, int byteSize, Op.Label gone) {
    send(bytes, Value.of(byteSize), gone);
  }

  private void send(Value bytes, Value byteSize, Op.Label gone) {
    a.callOr(gone, e.r, "sendto", socket, bytes, byteSize, MSG_NOSIGNAL, 0, 0);
    a.jumpIf(e.r, NE, byteSize, gone);
  }

  /// All of it.
  void receive(Value to, Value byteSize, Op.Label otherwise) {
    tryToReceive(to, byteSize);
    a.jumpIf(came, LE, 0, otherwise);
  }

  void tryToReceive(Value to, Value byteSize) {
    a.set(at, to);
    a.set(this.byteSize, byteSize);
    a.invoke(receive);
  }

  /// Sets [#came] to 1 if [#byteSize] bytes came, to 0 if nothing did in time, and to -1 if nothing will.
  void emitSubroutine() {
    Op.Label done = a.label("receive.done");
    Op.Label some = a.label("receive.some");
    a.place(receive);
    a.set(came, 1);
    a.jumpIf(byteSize, EQ, 0, done);
    e.attempt("recvfrom", socket, at, byteSize, MSG_WAITALL, 0, 0);
    a.jumpIf(e.r, EQ, byteSize, done);
    a.set(came, 0);
    a.jumpIf(e.r, NE, -Errno.EAGAIN.number(), some);
    a.ret();
    a.place(some);
    a.set(came, -1);
    a.place(done);
    a.ret();
  }
}
