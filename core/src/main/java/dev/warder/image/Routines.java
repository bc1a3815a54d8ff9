package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.DIVIDE;
import static dev.warder.image.Op.Operator.REMAINDER;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.GT;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;

import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;

/// Small subroutines on text. Their parameters and results are variables, so none may call itself.
final class Routines {
  static final int LINE_BYTES = 16 * 1024;

  /// Parameter and result of [#end]; parameter of [#append].
  final Var text;

  /// Moves [#text] to its closing NUL.
  final Op.Label end;

  /// Sets [#same] if [#left] starts with all of [#right]; then [#left] stands behind it.
  private final Op.Label startsWith;
  private final Var left;
  private final Var right;
  final Var same;

  private final Op.Label append;
  private final Op.Label tell;
  private final Op.Label appendNumber;
  private final Var number;
  private final Buffer line;
  private final Var lineEnd;

  private final Assembly a;

  Routines(Emitter e) {
    this.a = e.a;
    this.text = a.var("text");
    this.left = a.var("left.text");
    this.right = a.var("right.text");
    this.same = a.var("same");
    this.number = a.var("number");
    this.lineEnd = a.var("lineEnd");
    this.line = a.buffer("line", LINE_BYTES);
    this.end = a.label("end");
    this.startsWith = a.label("startsWith");
    this.append = a.label("append");
    this.tell = a.label("tell");
    this.appendNumber = a.label("appendNumber");
  }

  /// Moves on to the text behind the NUL of the one at `at`.
  void next(Var at) {
    a.set(text, at);
    a.invoke(end);
    a.compute(at, text, ADD, Value.of(1));
  }

  /// Adds text to the line; a full line takes no more.
  void append(Value what) {
    a.set(text, what);
    a.invoke(append);
  }

  void append(String what) {
    append(a.text(what));
  }

  /// Adds a message, see [Assembly#message], to the line.
  void tell(Value message) {
    a.set(text, message);
    a.invoke(tell);
  }

  void tell(String message) {
    tell(a.message(message));
  }

  /// Adds a non-negative number in decimal.
  void appendNumber(Value what) {
    a.set(number, what);
    a.invoke(appendNumber);
  }

  /// Where the line starts; it ends in a NUL.
  Buffer line() {
    return line;
  }

  Var lineBytes() {
    return lineEnd;
  }

  void clearLine() {
    a.set(lineEnd, 0);
  }

  /// Writes the line to stderr in one go and clears it. A failure to write cannot be told anybody.
  void flush() {
    a.call(a.var("written"), "write", 2, line, lineEnd);
    clearLine();
  }

  /// Sets [#same] and moves on, see [#startsWith].
  Var startsWith(Value whole, Value prefix) {
    a.set(left, whole);
    a.set(right, prefix);
    a.invoke(startsWith);
    return left;
  }

  /// From where digits begin to what they say.
  void readNumber(Var at) {
    Var value = a.var("number.value");
    Var eight = a.var("number.eight");
    Var b = a.var("number.byte");
    Op.Label next = a.label("number.next");
    Op.Label done = a.label("number.done");
    a.set(value, 0);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, LT, '0', done);
    a.jumpIf(b, GT, '9', done);
    a.compute(eight, value, SHIFT_LEFT, Value.of(3));
    a.compute(value, value, ADD, value);
    a.compute(value, value, ADD, eight);
    a.compute(value, value, ADD, b);
    a.add(value, -'0');
    a.add(at, 1);
    a.jump(next);
    a.place(done);
    a.set(at, value);
  }

  void emit() {
    emitEnd();
    emitStartsWith();
    emitAppend();
    emitTell();
    emitAppendNumber();
  }

  private void emitEnd() {
    Var b = a.var("end.byte");
    Op.Label next = a.label("end.next");
    Op.Label done = a.label("end.done");
    a.place(end);
    a.place(next);
    a.load(b, BYTE, text, 0);
    a.jumpIf(b, EQ, 0, done);
    a.add(text, 1);
    a.jump(next);
    a.place(done);
    a.ret();
  }

  private void emitStartsWith() {
    Var l = a.var("left.byte");
    Var r = a.var("right.byte");
    Op.Label next = a.label("startsWith.next");
    Op.Label yes = a.label("startsWith.yes");
    Op.Label no = a.label("startsWith.no");
    a.place(startsWith);
    a.set(same, 0);
    a.place(next);
    a.load(r, BYTE, right, 0);
    a.jumpIf(r, EQ, 0, yes);
    a.load(l, BYTE, left, 0);
    a.jumpIf(l, NE, r, no);
    a.add(left, 1);
    a.add(right, 1);
    a.jump(next);
    a.place(yes);
    a.set(same, 1);
    a.place(no);
    a.ret();
  }

  private void emitAppend() {
    Var b = a.var("append.byte");
    Op.Label next = a.label("append.next");
    Op.Label done = a.label("append.done");
    a.place(append);
    a.place(next);
    a.load(b, BYTE, text, 0);
    a.store(BYTE, line, lineEnd, b);
    a.jumpIf(b, EQ, 0, done);
    a.jumpIf(lineEnd, GE, LINE_BYTES - 2, done);
    a.add(lineEnd, 1);
    a.add(text, 1);
    a.jump(next);
    a.place(done);
    a.ret();
  }

  /// Of a pair the second waits in a stack, and the first is looked at.
  private void emitTell() {
    Data pairs = a.pairs();
    Buffer stack = a.buffer("tell.stack", BytePairs.MAX_DEPTH);
    Var depth = a.var("tell.depth");
    Var b = a.var("tell.byte");
    Var second = a.var("tell.second");
    Op.Label next = a.label("tell.next");
    Op.Label look = a.label("tell.look");
    Op.Label plain = a.label("tell.plain");
    Op.Label add = a.label("tell.add");
    Op.Label full = a.label("tell.full");
    Op.Label done = a.label("tell.done");
    a.place(tell);
    a.place(next);
    a.load(b, BYTE, text, 0);
    a.jumpIf(b, EQ, 0, done);
    a.add(text, 1);
    a.place(look);
    a.jumpIf(b, LT, BytePairs.FIRST, add);
    a.jumpIf(b, EQ, BytePairs.PLAIN, plain);
    a.compute(b, b, SHIFT_LEFT, Value.of(1));
    a.add(b, 1 - 2 * BytePairs.FIRST);
    a.load(second, BYTE, pairs, b);
    a.store(BYTE, stack, depth, second);
    a.add(depth, 1);
    a.add(b, -1);
    a.load(b, BYTE, pairs, b);
    a.jump(look);
    a.place(plain);
    a.load(b, BYTE, text, 0);
    a.add(text, 1);
    a.place(add);
    a.jumpIf(lineEnd, GE, LINE_BYTES - 2, full);
    a.store(BYTE, line, lineEnd, b);
    a.add(lineEnd, 1);
    a.place(full);
    a.jumpIf(depth, EQ, 0, next);
    a.add(depth, -1);
    a.load(b, BYTE, stack, depth);
    a.jump(look);
    a.place(done);
    a.ret();
  }

  /// Digits are made from the last to the first, below the end of a small buffer.
  private void emitAppendNumber() {
    Buffer digits = a.buffer("digits", 24);
    Var quotient = a.var("quotient");
    Var digit = a.var("digit");
    Op.Label next = a.label("appendNumber.next");
    a.place(appendNumber);
    a.compute(text, digits, ADD, Value.of(23));
    a.place(next);
    a.add(text, -1);
    a.compute(quotient, number, DIVIDE, Value.of(10));
    a.compute(digit, number, REMAINDER, Value.of(10));
    a.add(digit, '0');
    a.store(BYTE, text, 0, digit);
    a.set(number, quotient);
    a.jumpIf(number, NE, 0, next);
    a.jump(append);
  }
}
