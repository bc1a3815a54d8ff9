package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.GroupLimit;
import dev.warder.jail.GroupLimit.Controller;
import dev.warder.jail.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// The control groups of a jail: `warder-PID`, which has the limits, and in it `jail`, which has the processes.
///
/// With cgroup v2 there is one; with v1, one in the hierarchy of each controller. They are made in the caller's own group,
/// so that no limit of the caller's is left behind. A group of v2 that hands controllers down may have no processes of
/// its own; so where the launcher is alone in the caller's group, it steps aside into one more, and where it is not, the
/// group above takes the jail, if that is the top or marked by systemd as given away (`user.delegate`). Any other group is
/// somebody's who may take the controllers back, and the limits with them, while the jail runs.
///
/// Source: `Documentation/admin-guide/cgroup-v2.rst`, Linux 6.18; systemd's `docs/CGROUP_DELEGATION.md`.
final class Groups {
  private static final String NAME = "warder-";
  private static final int LIST_BYTES = 16 * 1024;
  private static final int NAME_BYTES = 48;

  private final Emitter e;
  private final Assembly a;
  private final List<Controller> controllers;

  /// 1 if cgroup v2 is in use.
  private final Var unified;
  private final Var made;
  private final Var aside;
  private final Var slashes;
  private final Var top;
  private final Buffer name;
  private final Buffer asideName;

  // Parameters of the subroutines.
  private final Var fd;
  private final Var folder;
  private final Var file;
  private final Var text;
  private final Op.Label openOwn;
  private final Op.Label make;
  private final Op.Label put;
  private final Op.Label removeAll;
  private final GroupRemoval removal;
  private final Disks disks;
  private final Scope scope;
  private final Op.Label findAgain;

  /// 1 if systemd was asked for a group.
  private final Var asked;
  private final Var own;

  /// @param controllers none if the jail has no control group
  Groups(Emitter e, List<Controller> controllers) {
    this.e = e;
    this.a = e.a;
    this.controllers = controllers;
    this.unified = a.var("group.unified");
    this.made = a.var("group.made");
    this.aside = a.var("group.aside");
    this.slashes = a.var("group.slashes");
    this.top = a.var("group.top");
    this.fd = a.var("group.fd");
    this.folder = a.var("group.folder");
    this.file = a.var("group.file");
    this.text = a.var("group.text");
    this.openOwn = a.label("group.openOwn");
    this.make = a.label("group.make");
    this.put = a.label("group.put");
    this.removeAll = a.label("group.removeAll");
    this.name = controllers.isEmpty() ? null : a.buffer("group.name", NAME_BYTES);
    this.asideName = controllers.isEmpty() ? null : a.buffer("group.asideName", NAME_BYTES);
    this.removal = new GroupRemoval(e, NAME);
    this.disks = new Disks(e);
    this.scope = new Scope(e, this);
    this.findAgain = a.label("group.findAgain");
    this.asked = a.var("group.asked");
    this.own = a.var("group.own");
  }

  boolean isEmpty() {
    return controllers.isEmpty();
  }

  List<Controller> controllers() {
    return controllers;
  }

  Var unified() {
    return unified;
  }

  /// The group that is divided; `controller` is null for cgroup v2, here and below.
  private Var parent(Controller controller) {
    return a.var("group.parent " + title(controller));
  }

  /// The group with the limits.
  Var limited(Controller controller) {
    return a.var("group.limited " + title(controller));
  }

  /// The group with the processes.
  Var jail(Controller controller) {
    return a.var("group.jail " + title(controller));
  }

  private static String title(Controller controller) {
    return controller == null ? "v2" : controller.legacyTitle();
  }

  /// Opens the caller's groups; once more when systemd has put this process into another.
  void find(Step step) {
    a.place(findAgain);
    e.begin(step);
    Buffer statfs = a.buffer("statfs", 120);
    Var type = a.var("group.type");
    Op.Label legacy = a.label("group.legacy");
    Op.Label done = a.label("group.found");
    readOwn();
    e.callInto(top, "openat", AT_FDCWD, "/sys/fs/cgroup", O_CLOEXEC, 0);
    e.call("fstatfs", top, statfs);
    a.load(type, LONG, statfs, 0);
    a.jumpIf(type, NE, CGROUP2_SUPER_MAGIC, legacy);
    a.set(unified, 1);
    openOwn("", parent(null));
    a.set(own, parent(null));
    a.jump(done);
    a.place(legacy);
    Var hierarchies = a.var("group.hierarchies");
    a.set(hierarchies, top);
    for (Controller controller : controllers) {
      e.callInto(top, "openat", hierarchies, controller.legacyTitle(), O_CLOEXEC, 0);
      openOwn(controller.legacyTitle(), parent(controller));
    }
    a.place(done);
  }

  /// `/proc/self/cgroup`: a line for each hierarchy, as cgroups(7) tells.
  void readOwn() {
    Buffer list = list();
    Var size = listSize();
    Var at = a.var("group.at");
    Var left = a.var("group.left");
    Op.Label next = a.label("group.read");
    e.callInto(fd, "openat", AT_FDCWD, "/proc/self/cgroup", O_CLOEXEC, 0);
    a.set(size, 0);
    a.place(next);
    a.compute(at, list, ADD, size);
    a.compute(left, Value.of(LIST_BYTES - 1), SUB, size);
    e.call("read", fd, at, left);
    a.compute(size, size, ADD, e.r);
    a.jumpIf(e.r, NE, 0, next);
    a.store(BYTE, list, size, Value.of(0));
    e.call("close", fd);
  }

  /// What [#readOwn] has read, with a NUL behind it.
  Buffer list() {
    return a.buffer("group.list", LIST_BYTES);
  }

  Var listSize() {
    return a.var("group.listSize");
  }

  private void openOwn(String controller, Var to) {
    a.set(text, a.text(controller));
    a.invoke(openOwn);
    a.set(to, fd);
  }

  void make() {
    Op.Label legacy = a.label("group.makeLegacy");
    Op.Label done = a.label("group.allMade");
    nameBoth();
    a.jumpIf(unified, EQ, 0, legacy);
    divide(parent(null));
    make(null);
    a.jump(done);
    a.place(legacy);
    for (Controller controller : controllers) {
      make(controller);
      e.callInto(processes(controller), "openat", jail(controller), "cgroup.procs", or(O_WRONLY, O_CLOEXEC), 0);
    }
    a.place(done);
  }

  private Var processes(Controller controller) {
    return a.var("group.processes " + controller.title());
  }

  private void make(Controller controller) {
    a.set(folder, parent(controller));
    a.invoke(make);
    a.set(limited(controller), folder);
    a.set(jail(controller), fd);
  }

  private void nameBoth() {
    e.callInto(removal.pid, "getpid");
    e.routines.clearLine();
    e.routines.append(NAME);
    e.routines.appendNumber(removal.pid);
    copyLine(name);
    e.routines.append("-launcher");
    copyLine(asideName);
    e.routines.clearLine();
  }

  /// The line of [Routines], with its NUL.
  void copyLine(Value to) {
    Var at = a.var("copy.at");
    Var b = a.var("copy.byte");
    Op.Label next = a.label("copy.next");
    a.set(at, 0);
    a.place(next);
    a.load(b, BYTE, e.routines.line(), at);
    a.store(BYTE, to, at, b);
    a.add(at, 1);
    a.jumpIf(b, NE, 0, next);
  }

  /// Has the caller's group hand the controllers down, or the group above, which `parent` is then.
  private void divide(Var parent) {
    Buffer mark = a.buffer("group.mark", 8);
    Var b = a.var("group.byte");
    Var why = a.var("group.why");
    Op.Label done = a.label("divide.done");
    Op.Label occupied = a.label("divide.occupied");
    Op.Label above = a.label("divide.above");
    Op.Label mine = a.label("divide.mine");
    Op.Label foreign = a.label("divide.foreign");
    Op.Label refuse = a.label("divide.refuse");
    if (!controllers.contains(Controller.MEMORY) && !controllers.contains(Controller.IO)) {
      // The kernel hands the others down all the same, to groups of threads, which no process can be put into.
      a.set(why, -Errno.EBUSY.number());
      e.attempt("faccessat", parent, "cgroup.type", 0);     // the top has none
      a.jumpIf(e.r, EQ, 0, occupied);
    }
    handDown(parent);
    a.set(why, e.r);
    a.jumpIf(e.r, EQ, -Errno.EBUSY.number(), occupied);
    a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), above);       // nothing is handed down to the caller's group yet
    a.jumpIf(e.r, LT, 0, foreign);
    a.jump(done);

    a.place(occupied);
    jumpUnlessAlone(parent, above);
    e.call("mkdirat", parent, asideName, Value.mode(0755));
    a.set(aside, 1);
    a.set(made, 1);
    e.callInto(fd, "openat", parent, asideName, O_CLOEXEC, 0);
    put(fd, "cgroup.procs", "0");
    e.check();
    e.call("close", fd);
    handDown(parent);
    e.check();
    a.jump(done);

    a.place(above);
    a.jumpIf(slashes, EQ, 0, foreign);
    e.callInto(parent, "openat", parent, "..", O_CLOEXEC, 0);
    a.jumpIf(slashes, EQ, 1, mine);
    e.attempt("fgetxattr", parent, "user.delegate", mark, 8);
    a.jumpIf(e.r, NE, 1, foreign);
    a.load(b, BYTE, mark, 0);
    a.jumpIf(b, EQ, '1', mine);
    a.place(foreign);
    a.jumpIf(asked, NE, 0, refuse);
    a.set(asked, 1);
    jumpIfBounded(refuse);
    a.note("ask systemd for a scope");
    scope.ask(refuse);
    a.jump(findAgain);
    a.note("make a control group");
    a.place(refuse);
    a.set(e.r, why);
    a.jump(e.fail);
    a.place(mine);
    handDown(parent);
    a.set(why, e.r);
    a.jumpIf(e.r, LT, 0, foreign);
    a.place(done);
  }

  /// A scope lies elsewhere, where limits of the caller's own group and of those above would not hold.
  private void jumpIfBounded(Op.Label to) {
    Var group = a.var("bounded.group");
    Var left = a.var("bounded.left");
    Op.Label next = a.label("bounded.next");
    Op.Label none = a.label("bounded.none");
    a.set(group, own);
    a.set(left, slashes);
    a.place(next);
    jumpIfBounded(group, "memory.max", to);
    jumpIfBounded(group, "cpu.max", to);
    a.add(left, -1);
    a.jumpIf(left, LE, 0, none);                            // the top has no limits
    e.callInto(group, "openat", group, "..", O_CLOEXEC, 0);
    a.jump(next);
    a.place(none);
  }

  private void jumpIfBounded(Var group, String file, Op.Label to) {
    Buffer text = a.buffer("group.mark", 8);
    Var b = a.var("group.byte");
    Op.Label absent = a.label("bounded.absent");
    e.attempt("openat", group, file, O_CLOEXEC, 0);
    a.jumpIf(e.r, LT, 0, absent);
    a.set(fd, e.r);
    e.attempt("read", fd, text, 1);
    a.call(b, "close", fd);
    a.jumpIf(e.r, NE, 1, to);
    a.load(b, BYTE, text, 0);
    a.jumpIf(b, NE, 'm', to);                               // "max"
    a.place(absent);
  }

  private void handDown(Var parent) {
    put(parent, "cgroup.subtree_control", listed('+'));
  }

  private String listed(char sign) {
    var list = new StringBuilder();
    for (Controller controller : controllers) {
      list.append(list.isEmpty() ? "" : " ").append(sign).append(controller.title());
    }
    return list.toString();
  }

  /// `cgroup.procs` names the launcher and nobody else.
  private void jumpUnlessAlone(Var parent, Op.Label to) {
    Buffer processes = a.buffer("group.members", 24);
    Var number = a.var("group.number");
    Var behind = a.var("group.behind");
    Var b = a.var("group.byte");
    e.callInto(fd, "openat", parent, "cgroup.procs", O_CLOEXEC, 0);
    e.callInto(b, "read", fd, processes, 24);
    e.call("close", fd);
    a.compute(number, name, ADD, Value.of(NAME.length()));
    a.set(behind, e.routines.startsWith(processes, number));
    a.jumpIf(e.routines.same, EQ, 0, to);
    a.compute(behind, behind, SUB, processes);
    a.add(behind, 1);                                       // the end of the line
    a.jumpIf(b, NE, behind, to);
  }

  /// Sets [Emitter#r].
  private void put(Var folder, String file, String text) {
    put(folder, file, a.text(text));
  }

  private void put(Var folder, String file, Value text) {
    a.set(this.folder, folder);
    a.set(this.file, a.text(file));
    a.set(this.text, text);
    a.invoke(put);
  }

  void limit(GroupLimit limit) {
    Op.Label legacy = a.label("limit.legacy");
    Op.Label done = a.label("limit.done");
    if (limit instanceof GroupLimit.Disk(String path, List<GroupLimit.Rate> _)) {
      disks.find(path);
    }
    a.jumpIf(unified, EQ, 0, legacy);
    write(limited(null), limit, limit.unified());
    a.jump(done);
    a.place(legacy);
    // v1's groups of disks are flat: a bound holds for the processes of its own group alone, not of those below.
    write(limit instanceof GroupLimit.Disk ? jail(limit.controller()) : limited(limit.controller()), limit, limit.legacy());
    a.place(done);
  }

  private void write(Var group, GroupLimit limit, List<GroupLimit.Setting> settings) {
    for (GroupLimit.Setting setting : settings) {
      Op.Label absent = a.label("limit.absent");
      put(group, setting.file(), limit instanceof GroupLimit.Disk ? disks.named(setting.text()) : a.text(setting.text()));
      if (setting.optional()) {
        a.jumpIf(e.r, EQ, -Errno.ENOENT.number(), absent);
      }
      e.check();
      a.place(absent);
    }
  }

  /// In place of [Emitter#forgetRoot]: root remains as the saved id of the launcher, without capabilities in force, since
  /// the groups to be removed are root's.
  void keepRoot() {
    Op.Label ordinary = a.label("group.ordinary");
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.attempt("setfsuid", e.uid);
    a.place(ordinary);
  }

  /// As process 1.
  void join() {
    Op.Label joined = a.label("group.joined");
    a.jumpIf(unified, NE, 0, joined);
    for (Controller controller : controllers) {
      e.call("write", processes(controller), "0", 1);
    }
    a.place(joined);
    e.call("unshare", CLONE_NEWCGROUP);
  }

  /// Removes what was made, as far as it was. For the launcher, also when a step of its fails.
  void remove() {
    if (!isEmpty()) {
      a.invoke(removeAll);
    }
  }

  void emitSubroutines() {
    if (isEmpty()) {
      return;
    }
    emitOpenOwn();
    emitMake();
    emitPut();
    emitRemoveAll();
    removal.emit();
    if (controllers.contains(Controller.IO)) {
      disks.emitSubroutine();
    }
    scope.emit();
  }

  /// Opens the group that `/proc/self/cgroup` names for the controller [#text], below [#top], as [#fd]. Counts in
  /// [#slashes] how deep it lies, 0 for the top itself.
  private void emitOpenOwn() {
    Buffer list = list();
    Value.Data how = a.bytes(ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(O_CLOEXEC.value()).putLong(0).putLong(or(RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS).value()).array());
    Var at = a.var("own.at");
    Var b = a.var("own.byte");
    Var path = a.var("own.path");
    Op.Label number = a.label("own.number");
    Op.Label item = a.label("own.item");
    Op.Label otherItem = a.label("own.otherItem");
    Op.Label rest = a.label("own.rest");
    Op.Label hit = a.label("own.hit");
    Op.Label scan = a.label("own.scan");
    Op.Label end = a.label("own.end");
    Op.Label deep = a.label("own.deep");
    Op.Label absent = a.label("own.absent");
    a.place(openOwn);
    a.set(at, list);
    a.place(number);
    next(at, b, absent);
    a.jumpIf(b, NE, ':', number);
    a.place(item);
    a.set(path, e.routines.startsWith(at, text));
    a.jumpIf(e.routines.same, EQ, 0, otherItem);
    a.load(b, BYTE, path, 0);
    a.jumpIf(b, EQ, ':', hit);
    a.jumpIf(b, EQ, ',', hit);
    a.place(otherItem);
    next(at, b, absent);
    a.jumpIf(b, EQ, ',', item);
    a.jumpIf(b, NE, ':', otherItem);
    a.place(rest);
    next(at, b, absent);
    a.jumpIf(b, EQ, '\n', number);
    a.jump(rest);

    a.place(hit);
    next(path, b, absent);
    a.jumpIf(b, NE, ':', hit);
    a.set(at, path);
    a.set(slashes, 0);
    a.place(scan);
    next(at, b, absent);
    a.jumpIf(b, EQ, '\n', end);
    a.jumpIf(b, NE, '/', scan);
    a.add(slashes, 1);
    a.jump(scan);
    a.place(end);
    a.store(BYTE, at, -1, Value.of(0));
    a.add(path, 1);
    a.load(b, BYTE, path, 0);
    a.jumpIf(b, NE, 0, deep);
    a.set(slashes, 0);
    a.set(path, a.text("."));
    a.place(deep);
    e.callInto(fd, "openat2", top, path, how, 24);
    a.store(BYTE, at, -1, Value.of('\n'));
    a.ret();
    a.place(absent);
    e.giveUp(Errno.ENOENT);
  }

  private void next(Var at, Var b, Op.Label atEnd) {
    a.load(b, BYTE, at, 0);
    a.jumpIf(b, EQ, 0, atEnd);
    a.add(at, 1);
  }

  /// In [#folder], which becomes the group with the limits; [#fd] becomes the jail's.
  private void emitMake() {
    a.place(make);
    removal.sweep(folder);
    e.call("mkdirat", folder, name, Value.mode(0755));
    a.set(made, 1);
    e.callInto(folder, "openat", folder, name, O_CLOEXEC, 0);
    e.call("mkdirat", folder, "jail", Value.mode(0755));
    e.callInto(fd, "openat", folder, "jail", O_CLOEXEC, 0);
    a.ret();
  }

  /// Writes [#text] to [#file] in [#folder]; sets [Emitter#r].
  private void emitPut() {
    Var to = a.var("put.fd");
    Var size = a.var("put.size");
    Op.Label failed = a.label("put.failed");
    Op.Label written = a.label("put.written");
    a.place(put);
    e.attempt("openat", folder, file, or(O_WRONLY, O_CLOEXEC), 0);
    a.jumpIf(e.r, LT, 0, failed);
    a.set(to, e.r);
    a.set(e.routines.text, text);
    a.invoke(e.routines.end);
    a.compute(size, e.routines.text, SUB, text);
    e.attempt("write", to, text, size);
    a.jumpIf(e.r, GE, 0, written);
    a.call(size, "close", to);
    a.ret();
    a.place(written);
    e.attempt("close", to);
    a.place(failed);
    a.ret();
  }

  /// The groups are root's when root calls, so the launcher has kept root as its saved id.
  private void emitRemoveAll() {
    Op.Label done = a.label("removeAll.done");
    Op.Label ordinary = a.label("removeAll.ordinary");
    a.place(removeAll);
    a.jumpIf(made, EQ, 0, done);
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.attempt("setfsuid", 0);
    a.place(ordinary);
    remove(null);
    for (Controller controller : controllers) {
      remove(controller);
    }
    a.jumpIf(aside, EQ, 0, done);
    put(parent(null), "cgroup.subtree_control", listed('-'));
    put(parent(null), "cgroup.procs", "0");
    e.attempt("unlinkat", parent(null), asideName, AT_REMOVEDIR);
    a.place(done);
    a.ret();
  }

  private void remove(Controller controller) {
    Op.Label none = a.label("remove.none");
    a.jumpIf(parent(controller), EQ, 0, none);
    removal.remove(parent(controller), name);
    a.place(none);
  }
}
