package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.GT;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;

import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;

/// Asks systemd for a scope that this process may divide, and waits until it is in there: the caller's own manager, or the
/// system's when root calls.
///
/// No program is started for that: so the arguments, the environment, open files and what was done so far stay as they are,
/// and the arguments, which systemd-run(1) makes the scope's description, are in no log.
///
/// Source: D-Bus specification 0.43, "Message Protocol"; systemd 252, `src/core/dbus.c`: signals go to whoever is connected
/// without a bus, unasked.
final class Scope {
  /// Of a second, without an answer.
  private static final int MAX_WAITS = 20;
  private static final int MAX_MESSAGES = 2000;
  private static final int MESSAGE_BYTES = 4096;
  /// No message is longer.
  private static final int MAX_BYTES = 1 << 20;

  /// The type of a message.
  private static final int ERROR = 3;

  private final Emitter e;
  private final Assembly a;
  private final Groups groups;
  private final Op.Label ask;
  private final Op.Label find;

  /// 1 if the process is in a scope of its own now.
  private final Var joined;

  private final ManagerSocket socket;

  // Of [#find].
  private final Var at;
  private final Var end;
  private final Var word;
  private final Var found;

  Scope(Emitter e, Groups groups) {
    this.e = e;
    this.a = e.a;
    this.groups = groups;
    this.ask = a.label("scope.ask");
    this.find = a.label("scope.find");
    this.joined = a.var("scope.joined");
    this.socket = new ManagerSocket(e, groups);
    this.at = a.var("scope.at");
    this.end = a.var("scope.end");
    this.word = a.var("scope.word");
    this.found = a.var("scope.found");
  }

  /// Goes on if this process is in a scope now.
  void ask(Op.Label otherwise) {
    a.invoke(ask);
    a.jumpIf(joined, EQ, 0, otherwise);
  }

  void emit() {
    emitAsk();
    socket.emitSubroutine();
    emitFind();
  }

  private Buffer message() {
    return a.buffer("scope.message", MESSAGE_BYTES + 8);
  }

  /// `warder-NUMBER.scope`.
  private Buffer name() {
    return a.buffer("scope.name", 32);
  }

  private void emitAsk() {
    Op.Label none = a.label("scope.none");
    Op.Label gone = a.label("scope.gone");
    ScopeRequest request = ScopeRequest.make();
    Var digits = a.var("scope.digits");
    a.place(ask);
    a.set(joined, 0);
    nameIt();
    socket.connect(message(), none, gone);
    socket.send(a.bytes(request.beginning()), request.beginning().length, gone);
    a.compute(digits, name(), ADD, Value.of(ScopeRequest.NAME.length()));
    socket.send(digits, ScopeRequest.DIGITS, gone);
    socket.send(a.bytes(request.end()), request.end().length, gone);
    await(gone);
    a.place(gone);
    socket.close();
    a.place(none);
    a.ret();
  }

  private void nameIt() {
    Var pid = a.var("scope.pid");
    a.call(pid, "getpid");
    e.routines.clearLine();
    e.routines.append(ScopeRequest.NAME);
    long least = 1;
    for (int i = 1; i < ScopeRequest.DIGITS; i++) {
      least *= 10;
    }
    for (; least > 1; least /= 10) {
      Op.Label enough = a.label("scope.enough");
      a.jumpIf(pid, GE, least, enough);
      e.routines.append("0");
      a.place(enough);
    }
    e.routines.appendNumber(pid);
    e.routines.append(ScopeRequest.SUFFIX);
    groups.copyLine(name());
    e.routines.clearLine();
  }

  /// Reads messages until this process has been moved, or the job has ended without. After each it is looked which group this
  /// process is in.
  private void await(Op.Label gone) {
    Buffer message = message();
    Var type = a.var("scope.type");
    Var fields = a.var("scope.fields");
    Var rest = a.var("scope.rest");
    Var messages = a.var("scope.messages");
    Var waits = a.var("scope.waits");
    Op.Label next = a.label("scope.next");
    Op.Label idle = a.label("scope.idle");
    Op.Label look = a.label("scope.look");
    Op.Label refused = a.label("scope.refused");
    Op.Label each = a.label("scope.each");
    Op.Label said = a.label("scope.said");
    Var from = a.var("scope.from");
    Var b = a.var("scope.byte");
    a.set(messages, MAX_MESSAGES);
    a.set(waits, MAX_WAITS);
    a.place(next);
    a.add(messages, -1);
    a.jumpIf(messages, LE, 0, gone);
    socket.tryToReceive(message, Value.of(16));
    a.jumpIf(socket.came, LT, 0, gone);
    a.jumpIf(socket.came, EQ, 0, idle);
    a.load(type, BYTE, message, 1);
    a.load(rest, INT, message, 4);
    a.load(fields, INT, message, 12);
    a.add(fields, 7);
    a.compute(fields, fields, AND, Value.of(-8));
    a.compute(rest, rest, ADD, fields);
    receiveRest(rest, gone);
    a.jumpIf(type, EQ, ERROR, refused);
    look(gone);
    a.jumpIf(rest, GT, MESSAGE_BYTES, next);
    search(message, rest, a.text("JobRemoved"));
    a.jumpIf(found, EQ, 0, next);
    search(message, rest, name());
    a.jumpIf(found, EQ, 0, next);
    look(gone);                                               // it may have been moved since
    tell("the job of making it has failed", gone);
    a.place(idle);
    a.add(waits, -1);
    look(gone);
    a.jumpIf(waits, GT, 0, next);
    tell("it does not answer in time", gone);
    a.place(refused);
    a.jumpIf(rest, GT, MESSAGE_BYTES, gone);
    a.jumpIf(rest, EQ, fields, gone);
    a.add(fields, 4);                                         // what an error says begins with its size
    a.compute(at, fields, ADD, message);
    a.set(from, at);
    a.place(each);
    a.load(b, BYTE, from, 0);
    a.jumpIf(b, EQ, 0, said);
    a.add(from, 1);
    a.jumpIf(b, GE, ' ', each);
    a.store(BYTE, from, -1, Value.of('?'));
    a.jump(each);
    a.place(said);
    tell(at, gone);
  }

  /// Ends in a NUL; of what is longer than the buffer the beginning is passed over.
  private void receiveRest(Var rest, Op.Label gone) {
    Buffer message = message();
    Var left = a.var("scope.left");
    Op.Label more = a.label("scope.more");
    Op.Label last = a.label("scope.last");
    a.jumpIf(rest, GT, MAX_BYTES, gone);
    a.set(left, rest);
    a.place(more);
    a.jumpIf(left, LE, MESSAGE_BYTES, last);
    socket.receive(message, Value.of(MESSAGE_BYTES), gone);
    a.add(left, -MESSAGE_BYTES);
    a.jump(more);
    a.place(last);
    socket.receive(message, left, gone);
    a.store(BYTE, message, left, Value.of(0));
  }

  /// Jumps if this process is in its scope, which [#joined] tells then.
  private void look(Op.Label to) {
    groups.readOwn();
    search(groups.list(), groups.listSize(), name());
    a.set(joined, found);
    a.jumpIf(joined, NE, 0, to);
  }

  private void search(Value text, Value byteSize, Value word) {
    a.set(at, text);
    a.compute(end, text, ADD, byteSize);
    a.set(this.word, word);
    a.invoke(find);
  }

  /// Sets [#found] to 1 if [#word] is in what begins at [#at] and ends, with a NUL, before the address [#end].
  private void emitFind() {
    Op.Label next = a.label("find.next");
    Op.Label done = a.label("find.done");
    a.place(find);
    a.place(next);
    e.routines.startsWith(at, word);
    a.set(found, e.routines.same);
    a.jumpIf(found, NE, 0, done);
    a.add(at, 1);
    a.jumpIf(at, LT, end, next);
    a.place(done);
    a.ret();
  }

  private void tell(String why, Op.Label then) {
    tell(a.text(why), then);
  }

  /// On stderr, above what cannot be done for it. Of another's text no control character is shown.
  private void tell(Value why, Op.Label then) {
    e.routines.clearLine();
    e.routines.append("warder: systemd makes no scope for this jail: ");
    e.routines.append(why);
    e.routines.append("\n");
    e.routines.flush();
    a.jump(then);
  }
}
