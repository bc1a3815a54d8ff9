package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.Remedies;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The one line that is printed when a step fails: the step, the errno, the remedy; then exit 125.
///
/// A variable holds the message of the step under way. A message is the step's text, then the offset of its remedies in
/// the read-only data; remedies are an errno byte and a text's offset each, up to a zero byte. The errno names follow
/// each other, each behind its number. All of it is stored once, however many steps share it.
final class Failure {
  static final int EXIT_CODE = 125;

  /// What is printed by name: the errors that calls of a launch can give. Names take room, so others are numbers.
  static final List<Errno> NAMED = List.of(Errno.EPERM, Errno.ENOENT, Errno.ESRCH, Errno.EINTR, Errno.EIO, Errno.ENXIO,
      Errno.E2BIG, Errno.ENOEXEC, Errno.EBADF, Errno.ECHILD, Errno.EAGAIN, Errno.ENOMEM, Errno.EACCES, Errno.EFAULT,
      Errno.ENOTBLK, Errno.EBUSY, Errno.EEXIST, Errno.EXDEV, Errno.ENODEV, Errno.ENOTDIR, Errno.EISDIR, Errno.EINVAL,
      Errno.ENFILE, Errno.EMFILE, Errno.ENOTTY, Errno.ETXTBSY, Errno.EFBIG, Errno.ENOSPC, Errno.EROFS, Errno.EMLINK,
      Errno.EPIPE, Errno.ERANGE, Errno.ENAMETOOLONG, Errno.ENOSYS, Errno.ELOOP, Errno.EOVERFLOW,
      Errno.EUSERS, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT, Errno.ELIBBAD, Errno.ENOBUFS, Errno.ETIMEDOUT, Errno.ESTALE,
      Errno.EDQUOT);

  /// Of all their names.
  static final String FIRST_LETTER = "E";

  private static final int OFFSET_BYTES = 4;

  private final Emitter e;
  private final Assembly a;
  private final Var underWay;
  private final Var number;
  private final Op.Label appendName;

  /// The messages that the path goes behind.
  private final List<Data> ofPaths = new ArrayList<>();

  /// What [#underWay] holds at this point of the code; null where that may differ from run to run.
  private Data current;

  Failure(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.underWay = a.var("underWay");
    this.number = a.var("errno");
    this.appendName = a.label("appendErrno");
  }

  /// From here a failure prints this text and the remedy for its errno.
  void begin(String what, Map<Errno, String> remedies) {
    a.note(what);
    current = message(what, remedies);
    a.set(underWay, current);
  }

  /// The same for one of several steps in a row that differ in their path alone: they share the beginning of the text,
  /// and [Emitter#path] is printed behind it.
  void beginOnPath(String what, String beginning, Map<Errno, String> remedies) {
    a.note(what);
    Data message = message(beginning, remedies);
    if (current == null || message.offset() != current.offset()) {
      a.set(underWay, message);
      ofPaths.add(message);
    }
    current = message;
  }

  /// At a place that is reached from elsewhere.
  void forget() {
    current = null;
  }

  private Data message(String text, Map<Errno, String> remedies) {
    return a.message(text, ByteBuffer.allocate(OFFSET_BYTES).order(ByteOrder.LITTLE_ENDIAN)
        .putInt(list(remedies).offset()).array());
  }

  private Data list(Map<Errno, String> remedies) {
    var list = ByteBuffer.allocate(remedies.size() * (1 + OFFSET_BYTES) + 1).order(ByteOrder.LITTLE_ENDIAN);
    for (var remedy : remedies.entrySet()) {
      list.put((byte) remedy.getKey().number()).putInt(a.message(remedy.getValue()).offset());
    }
    return a.bytes(list.array());
  }

  /// Adds an errno's name to the line.
  void appendName(Var errno) {
    a.set(number, errno);
    a.invoke(appendName);
  }

  /// @param terminal is put back first: the message is for whoever sits there
  void emit(Groups groups, Result result, Terminal terminal, UserNetwork network) {
    Routines say = e.routines;
    Var path = a.var("failed.path");
    Var remedy = a.var("remedy");
    a.place(e.fail);
    say.clearLine();
    a.compute(number, Value.of(0), Op.Operator.SUB, e.r);
    terminal.restore();
    say.tell("warder: cannot ");
    say.tell(underWay);
    appendPath(path);
    say.tell(": ");
    a.invoke(appendName);
    say.tell(": ");
    findRemedy(remedy);
    say.tell(remedy);
    say.tell("\n");
    say.flush();
    result.failed(underWay, path, number, remedy);
    if (!groups.isEmpty() || result.isAsked()) {
      Op.Label inside = a.label("failed.inside");
      a.jumpIf(e.isInside, NE, 0, inside);
      endJail();
      network.end();
      result.tell(Value.of(EXIT_CODE));
      groups.remove();
      a.place(inside);
    }
    a.call(e.r, "exit_group", EXIT_CODE);
    a.abort();
    emitAppendName();
  }

  /// Sets `path`, to 0 where the message has none.
  private void appendPath(Var path) {
    Op.Label none = a.label("noPath");
    Op.Label some = a.label("somePath");
    long last = -1;
    a.set(path, 0);
    for (Data message : ofPaths) {
      if (message.offset() != last) {
        a.jumpIf(underWay, Op.Test.EQ, message, some);
      }
      last = message.offset();
    }
    a.jump(none);
    a.place(some);
    a.set(path, e.path);
    e.routines.append(path);
    a.place(none);
  }

  /// A launcher that fails when there is a jail already takes it along, lest the jail's group be still in use.
  private void endJail() {
    Op.Label none = a.label("failed.noJail");
    a.jumpIf(a.var("childFd"), EQ, 0, none);
    e.attempt("pidfd_send_signal", a.var("childFd"), Uapi.SIGKILL, 0, 0);
    e.attempt("wait4", a.var("child"), 0, Uapi.__WALL, 0);
    a.place(none);
  }

  private void emitAppendName() {
    Var at = a.var("name");
    Var key = a.var("key");
    Op.Label next = a.label("nextName");
    Op.Label found = a.label("foundName");
    Op.Label unknown = a.label("unknownErrno");
    a.place(appendName);
    a.set(at, names());
    a.place(next);
    a.load(key, BYTE, at, 0);
    a.jumpIf(key, EQ, 0, unknown);
    a.jumpIf(key, EQ, number, found);
    e.routines.next(at);
    a.jump(next);
    a.place(found);
    a.add(at, 1);
    e.routines.append(FIRST_LETTER);
    e.routines.tell(at);
    a.ret();
    a.place(unknown);
    e.routines.tell("error ");
    e.routines.appendNumber(number);
    a.ret();
  }

  /// A byte for the number each, then the name but for its [#FIRST_LETTER].
  private Data names() {
    var keys = new byte[NAMED.size()];
    var names = new ArrayList<String>();
    for (Errno errno : NAMED) {
      keys[names.size()] = (byte) errno.number();
      names.add(errno.name().substring(FIRST_LETTER.length()));
    }
    return a.messages(keys, names);
  }

  /// The step's own remedy for the errno, else the one that holds for all steps, else the last resort.
  private void findRemedy(Var at) {
    Op.Label found = a.label("foundRemedy");
    Op.Label done = a.label("doneRemedy");
    a.set(e.routines.text, underWay);
    a.invoke(e.routines.end);
    a.load(at, INT, e.routines.text, 1);
    address(at);
    find(at, found);
    a.set(at, list(Remedies.ofAnyStep()));
    find(at, found);
    a.set(at, a.message(Remedies.LAST_RESORT));
    a.jump(done);
    a.place(found);
    a.load(at, INT, at, 1);
    address(at);
    a.place(done);
  }

  /// Jumps if the list at `at` has an entry for the errno, which `at` then points to.
  private void find(Var at, Op.Label found) {
    Var key = a.var("key");
    Op.Label next = a.label("nextRemedy");
    Op.Label none = a.label("noRemedy");
    a.place(next);
    a.load(key, BYTE, at, 0);
    a.jumpIf(key, EQ, 0, none);
    a.jumpIf(key, EQ, number, found);
    a.add(at, 1 + OFFSET_BYTES);
    a.jump(next);
    a.place(none);
  }

  /// From an offset in the read-only data to its address.
  private void address(Var offset) {
    a.compute(offset, offset, Op.Operator.ADD, new Data(0, "{data}"));
  }
}
