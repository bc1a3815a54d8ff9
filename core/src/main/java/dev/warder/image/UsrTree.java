package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Of a folder with a system in it the `/usr` alone, and the links beside it that lead there, such as `/bin`.
///
/// The folder is looked up once, and what lies in it without following a link: its owner may be anybody.
final class UsrTree {
  private static final List<String> LINKS = List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");
  private static final int LINK_BYTES = 128;

  private final Emitter e;
  private final Assembly a;
  private final Buffer links;
  private final Var name;
  private final Var link;

  UsrTree(Emitter e) {
    this.e = e;
    this.a = e.a;
    this.links = a.buffer("usr.links", LINKS.size() * LINK_BYTES);
    this.name = a.var("usr.name");
    this.link = a.var("usr.link");
  }

  /// Sets `tree` to a copy of the mount of `/usr`, and keeps what the links say.
  void find(String folder, Var tree) {
    Var root = a.var("usr.root");
    Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putLong(or(O_PATH, O_CLOEXEC).value())
        .putLong(0).putLong(or(RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS).value()).array());
    e.callInto(root, "openat", AT_FDCWD, folder + "/", or(O_PATH, O_CLOEXEC), 0);
    e.callInto(name, "openat2", root, "usr/", how, 24);
    e.callInto(tree, "open_tree", name, "", or(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_RECURSIVE, AT_EMPTY_PATH));
    e.call("close", name);
    Op.Label skip = a.label("usr.noLink");
    Op.Label whole = a.label("usr.whole");
    Op.Label next = begin();
    e.attempt("readlinkat", root, name, link, LINK_BYTES - 1);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), skip);
    e.check();                                            // EINVAL of a folder
    a.jumpIf(e.r, LT, LINK_BYTES - 1, whole);
    e.giveUp(Errno.ENAMETOOLONG);
    a.place(whole);
    a.place(skip);
    end(next);
    e.call("close", root);
  }

  /// In a root that is empty yet.
  void show(Var tree) {
    Var b = a.var("usr.byte");
    Op.Label skip = a.label("usr.notShown");
    e.call("mkdirat", e.root, "usr", Value.mode(0755));
    e.call("move_mount", tree, "", e.root, "usr", Mounts.ATTACH);
    Op.Label next = begin();
    a.load(b, BYTE, link, 0);
    a.jumpIf(b, EQ, 0, skip);
    e.call("symlinkat", link, e.root, name);
    a.place(skip);
    end(next);
  }

  /// The names follow each other in the data, and so does the room for the links.
  private Op.Label begin() {
    Op.Label next = a.label("usr.next");
    a.set(name, a.paths(LINKS));
    a.set(link, links);
    a.place(next);
    return next;
  }

  private void end(Op.Label next) {
    Var b = a.var("usr.byte");
    e.routines.next(name);
    a.compute(link, link, ADD, Value.of(LINK_BYTES));
    a.load(b, BYTE, name, 0);
    a.jumpIf(b, NE, 0, next);
  }
}
