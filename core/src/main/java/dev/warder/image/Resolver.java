package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Var;

/// The `/etc/resolv.conf` of a jail whose resolver is not the host's.
final class Resolver {
  private final Emitter e;
  private final Assembly a;
  private final Sources sources;
  private final Mounts mounts;

  Resolver(Emitter e, Sources sources, Mounts mounts) {
    this.e = e;
    this.a = e.a;
    this.sources = sources;
    this.mounts = mounts;
  }

  /// Mounts a file on it. Where it is a link, often into a folder of the host's that the jail lacks, that is covered and not
  /// followed; where it is missing it is made, if the program's user may do so.
  void show(String address) {
    Var tree = a.var("resolver.tree");
    Var folder = a.var("resolver.folder");
    Op.Label there = a.label("resolver.there");
    Op.Label none = a.label("resolver.none");
    Op.Label done = a.label("resolver.done");
    new DataFiles(e, sources).make("nameserver " + address + "\n", tree);
    mounts.open(e.root, "etc");
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), none);
    e.check();
    a.set(folder, e.r);
    attach(tree, folder);
    a.jumpIf(e.r, GE, 0, there);
    a.jumpIf(e.r, NE, -Errno.ENOENT.number(), e.fail);
    e.attempt("mknodat", folder, "resolv.conf", or(S_IFREG, Value.mode(0644)), 0);
    a.jumpIf(e.r, LT, 0, none);
    attach(tree, folder);
    e.check();
    a.place(there);
    e.call("close", folder);
    a.jump(done);
    a.place(none);
    e.routines.append("warder: there is no /etc/resolv.conf in the jail and none can be made; its resolver is " + address
        + "\n");
    e.routines.flush();
    a.place(done);
  }

  private void attach(Var tree, Var folder) {
    e.attempt("move_mount", tree, "", folder, "resolv.conf", MOVE_MOUNT_F_EMPTY_PATH);
  }
}
