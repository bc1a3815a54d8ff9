package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_RIGHT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Uapi.*;

import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;

/// A line of JSON under way, in the buffer of [Routines].
final class JsonLine {
  /// Text longer than this leaves no room for what follows and is cut; UTF-8 is cut between characters.
  private static final int CUT_AT = Routines.LINE_BYTES - 2048;

  private final Emitter e;
  private final Assembly a;
  private final Op.Label addNumber;
  private final Op.Label addSeconds;
  private final Op.Label addEscaped;
  private final Var number;
  private final Var micros;
  private final Var text;

  JsonLine(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.addNumber = a.label("json.addNumber");
    this.addSeconds = a.label("json.addSeconds");
    this.addEscaped = a.label("json.addEscaped");
    this.number = a.var("json.number");
    this.micros = a.var("json.micros");
    this.text = a.var("json.text");
  }

  void begin() {
    e.routines.clearLine();
  }

  void add(String text) {
    e.routines.append(text);
  }

  /// Text that needs no escapes.
  void add(Var text) {
    e.routines.append(text);
  }

  /// A number; `null` if it is negative.
  void addNumber(Var number) {
    a.set(this.number, number);
    a.invoke(addNumber);
  }

  void addSeconds(Var seconds, Var micros) {
    a.set(number, seconds);
    a.set(this.micros, micros);
    a.invoke(addSeconds);
  }

  /// Text between quotes.
  void addEscaped(Var text) {
    a.set(this.text, text);
    a.invoke(addEscaped);
  }

  /// A message between quotes. It is put behind the line first, and taken from there.
  void addMessage(Var message) {
    Var start = a.var("json.start");
    Var at = a.var("json.at");
    Var b = a.var("json.byte");
    Buffer plain = a.buffer("json.message", Routines.LINE_BYTES);
    Op.Label next = a.label("json.copy");
    a.set(start, e.routines.lineBytes());
    e.routines.tell(message);
    a.store(BYTE, e.routines.line(), e.routines.lineBytes(), Value.of(0));
    a.set(e.routines.lineBytes(), start);
    a.set(at, 0);
    a.place(next);
    a.load(b, BYTE, e.routines.line(), start);
    a.store(BYTE, plain, at, b);
    a.add(start, 1);
    a.add(at, 1);
    a.jumpIf(b, NE, 0, next);
    a.compute(text, plain, ADD, Value.of(0));
    a.invoke(addEscaped);
  }

  void write(Var fd) {
    Op.Label whole = a.label("json.whole");
    e.attempt("write", fd, e.routines.line(), e.routines.lineBytes());
    a.jumpIf(e.r, EQ, e.routines.lineBytes(), whole);
    e.routines.clearLine();
    e.routines.tell("warder: the file of --stats could not be written; is the disk full?\n");
    e.routines.flush();
    a.place(whole);
    e.routines.clearLine();
  }

  void emitSubroutines() {
    Op.Label known = a.label("json.known");
    a.place(addNumber);
    a.jumpIf(number, GE, 0, known);
    add("null");
    a.ret();
    a.place(known);
    e.routines.appendNumber(number);
    a.ret();
    emitAddSeconds();
    emitAddEscaped();
  }

  /// Six digits behind the point: of a number with a one before them, which the point then replaces.
  private void emitAddSeconds() {
    Var point = a.var("json.point");
    a.place(addSeconds);
    e.routines.appendNumber(number);
    a.set(point, e.routines.lineBytes());
    a.add(micros, 1_000_000);
    e.routines.appendNumber(micros);
    a.store(BYTE, e.routines.line(), point, Value.of('.'));
    a.ret();
  }

  private void emitAddEscaped() {
    Var b = a.var("json.byte");
    Op.Label next = a.label("json.next");
    Op.Label room = a.label("json.room");
    Op.Label escape = a.label("json.escape");
    Op.Label plain = a.label("json.plain");
    Op.Label done = a.label("json.done");
    a.place(addEscaped);
    a.place(next);
    a.load(b, BYTE, text, 0);
    a.jumpIf(b, EQ, 0, done);
    a.add(text, 1);
    a.jumpIf(e.routines.lineBytes(), LT, CUT_AT, room);
    a.jumpIf(e.routines.lineBytes(), GE, CUT_AT + 1024, done);
    a.jumpIf(b, LT, 0x80, done);
    a.place(room);
    a.jumpIf(b, EQ, '"', escape);
    a.jumpIf(b, EQ, '\\', escape);
    a.jumpIf(b, GE, ' ', plain);
    add("\\u00");
    a.compute(number, b, SHIFT_RIGHT, Value.of(4));
    a.add(number, '0');
    put(number);
    a.compute(b, b, AND, Value.of(15));
    a.add(b, '0');
    a.jumpIf(b, LT, '9' + 1, plain);
    a.add(b, 'a' - '9' - 1);
    a.jump(plain);
    a.place(escape);
    put(Value.of('\\'));
    a.place(plain);
    put(b);
    a.jump(next);
    a.place(done);
    a.ret();
  }

  private void put(Value b) {
    a.store(BYTE, e.routines.line(), e.routines.lineBytes(), b);
    a.compute(e.routines.lineBytes(), e.routines.lineBytes(), ADD, Value.of(1));
  }
}
