package dev.warder.image;

import static dev.warder.image.Mounts.ATTACH;
import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import dev.warder.jail.Plan;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The caller's current folder: shown in the jail where it may be, and where the program starts.
final class CurrentFolder {
  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Sources sources;

  CurrentFolder(Emitter e, Plan plan, Sources sources) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.sources = sources;
  }

  /// Makes the parents one by one, then attaches. All of them lie in the root's own memory or a private folder.
  void show() {
    Var at = a.var("parents.at");
    Var b = a.var("parents.byte");
    Var path = a.var("parents.path");
    Op.Label skip = a.label("folder.skip");
    Op.Label next = a.label("parents.next");
    Op.Label make = a.label("parents.make");
    Op.Label exists = a.label("parents.exists");
    a.jumpIf(e.folderState, NE, Caller.FOLDER_MOUNTED, skip);
    a.compute(path, e.folder, ADD, Value.of(1));
    a.set(at, path);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, '/', make);
    a.jumpIf(b, EQ, 0, make);
    a.add(at, 1);
    a.jump(next);
    a.place(make);
    a.store(BYTE, at, 0, Value.of(0));
    e.attempt("mkdirat", e.root, path, Value.mode(0755));
    a.store(BYTE, at, 0, b);
    a.add(at, 1);
    a.jumpIf(e.r, EQ, -Errno.EEXIST.number(), exists);
    e.check();
    a.place(exists);
    a.jumpIf(b, NE, 0, next);
    e.call("move_mount", sources.takenFolder(), "", e.root, path, ATTACH);
    a.place(skip);
  }

  /// Enters this folder, or where `path` is null the current one, else the home.
  void enter(String path) {
    if (path != null) {
      Var fd = a.var("fd");
      Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
          .putLong(or(O_PATH, O_CLOEXEC).value()).putLong(0).putLong(RESOLVE_NO_MAGICLINKS.value()).array());
      e.callInto(fd, "openat2", AT_FDCWD, path, how, 24);
      e.call("fchdir", fd);
      return;
    }
    if (plan.shownFolders().isEmpty()) {
      return;
    }
    Op.Label elsewhere = a.label("folder.elsewhere");
    Op.Label done = a.label("folder.entered");
    a.jumpIf(e.folderState, EQ, Caller.FOLDER_HIDDEN, elsewhere);
    e.attempt("chdir", e.folder);
    a.jumpIf(e.r, GE, 0, done);
    a.jumpIf(e.r, EQ, -Errno.EACCES.number(), elsewhere);
    a.jumpIf(e.r, EQ, -Errno.ENOTDIR.number(), elsewhere);            // covered by a mount of the user's
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
    a.place(elsewhere);
    hideControlCharacters(e.folder);
    e.routines.tell("warder: the current folder ");
    e.routines.append(e.folder);
    e.routines.tell(" is not shown in the jail, the program starts in " + plan.home()
        + "; to show a folder: --bind-ro FOLDER --chdir FOLDER\n");
    e.routines.flush();
    e.call("chdir", plan.home());
    a.place(done);
  }

  /// Puts a question mark for what a terminal may take for a command, a control character; those of two bytes in UTF-8,
  /// U+0080 to U+009F, become letters.
  private void hideControlCharacters(Value text) {
    Var at = a.var("control.at");
    Var b = a.var("control.byte");
    Op.Label next = a.label("control.next");
    Op.Label hide = a.label("control.hide");
    Op.Label done = a.label("control.done");
    a.set(at, text);
    a.place(next);
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, done);
    a.jumpIf(b, LT, ' ', hide);
    a.jumpIf(b, EQ, 0x7F, hide);
    a.add(at, 1);
    a.jumpIf(b, NE, 0xC2, next);
    a.store(BYTE, at, -1, Value.of(0xC3));
    a.jump(next);
    a.place(hide);
    a.store(BYTE, at, 0, Value.of('?'));
    a.jump(next);
    a.place(done);
  }
}
