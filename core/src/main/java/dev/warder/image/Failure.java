package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/// The one line that is printed when a step fails: the step, the errno, the remedy; then exit 125.
///
/// A variable holds the message of the step under way. A message is the step's text, then the offset of its remedies in
/// the read-only data; remedies are an errno byte and a text's offset each, up to a zero byte. The errno names follow
/// each other in order of number. All of it is stored once, however many steps share it.
final class Failure {
  static final int EXIT_CODE = 125;

  /// Errors up to this number are printed by name; those above are rare here, and names take room.
  private static final int LAST_NAMED = 40;

  private static final int OFFSET_BYTES = 4;

  private final Emitter e;
  private final Assembly a;
  private final Var underWay;

  Failure(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.underWay = a.var("underWay");
  }

  /// From here a failure prints this text and the remedy for its errno.
  void begin(String what, Map<Errno, String> remedies) {
    a.note(what);
    byte[] text = Emitter.terminated(what);
    a.set(underWay, a.packed(ByteBuffer.allocate(text.length + OFFSET_BYTES).order(ByteOrder.LITTLE_ENDIAN)
        .put(text).putInt(list(remedies).offset()).array()));
  }

  private Data list(Map<Errno, String> remedies) {
    var list = ByteBuffer.allocate(remedies.size() * (1 + OFFSET_BYTES) + 1).order(ByteOrder.LITTLE_ENDIAN);
    for (var remedy : remedies.entrySet()) {
      list.put((byte) remedy.getKey().number()).putInt(a.text(remedy.getValue()).offset());
    }
    return a.packed(list.array());
  }

  void emit() {
    Routines say = e.routines;
    Var number = a.var("errno");
    a.place(e.fail);
    a.compute(number, Value.of(0), Op.Operator.SUB, e.r);
    say.append("warder: cannot ");
    say.append(underWay);
    say.append(": ");
    errnoName(number);
    remedy(number);
    say.append("\n");
    say.flush();
    a.call(e.r, "exit_group", EXIT_CODE);
    a.abort();
  }

  private void errnoName(Var number) {
    Var name = a.var("name");
    Var left = a.var("left");
    Op.Label skip = a.label("skipName");
    Op.Label found = a.label("foundName");
    Op.Label unknown = a.label("unknownErrno");
    Op.Label named = a.label("namedErrno");
    a.set(name, a.packed(names()));
    a.jumpIf(number, Op.Test.GT, LAST_NAMED, unknown);
    a.set(left, number);
    a.place(skip);
    a.jumpIf(left, EQ, 0, found);
    a.set(e.routines.text, name);
    a.invoke(e.routines.end);
    a.compute(name, e.routines.text, Op.Operator.ADD, Value.of(1));
    a.add(left, -1);
    a.jump(skip);
    a.place(found);
    e.routines.append(name);
    a.jump(named);
    a.place(unknown);
    e.routines.append("error ");
    e.routines.appendNumber(number);
    a.place(named);
  }

  private static byte[] names() {
    var out = new ByteArrayOutputStream();
    for (int number = 0; number <= LAST_NAMED; number++) {
      out.writeBytes(Emitter.terminated(Errno.of(number).map(Errno::name).orElse("")));
    }
    return out.toByteArray();
  }

  private void remedy(Var number) {
    Var at = a.var("at");
    Var key = a.var("key");
    Op.Label next = a.label("nextRemedy");
    Op.Label none = a.label("noRemedy");
    a.set(e.routines.text, underWay);
    a.invoke(e.routines.end);
    a.load(at, INT, e.routines.text, 1);
    address(at);
    a.place(next);
    a.load(key, BYTE, at, 0);
    a.jumpIf(key, EQ, 0, none);
    a.add(at, 1 + OFFSET_BYTES);
    a.jumpIf(key, NE, number, next);
    a.load(at, INT, at, -OFFSET_BYTES);
    address(at);
    e.routines.append(": ");
    e.routines.append(at);
    a.place(none);
  }

  /// From an offset in the read-only data to its address.
  private void address(Var offset) {
    a.compute(offset, offset, Op.Operator.ADD, new Data(0, "{data}"));
  }
}
