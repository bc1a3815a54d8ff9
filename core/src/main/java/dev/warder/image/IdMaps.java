package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.IdMap;
import dev.warder.jail.IdRange;
import dev.warder.jail.Privileges;
import dev.warder.jail.Step;
import java.util.List;
import java.util.Optional;

/// Maps several ids, which a process of the parent's namespace has to do: the launcher while process 1 waits at a pipe.
///
/// When root calls, the launcher is root once more for the three files. For an ordinary caller it executes the set-user-ID
/// helpers newuidmap(1) and newgidmap(1), which know what `/etc/subuid` and `/etc/subgid` grant. The child cannot be
/// mistaken for another: it stays the launcher's, dead or alive, until the launcher has waited for it.
final class IdMaps {
  private static final int EXIT_NO_HELPER = 127;

  private final Emitter e;
  private final Assembly a;
  private final Privileges privileges;
  private final Optional<IdMap> maps;
  private final Buffer pipe;
  private final Var end;

  IdMaps(Emitter e, Privileges privileges) {
    this.e = e;
    this.a = e.a;
    this.privileges = privileges;
    this.maps = privileges.mapsByRoot();
    this.pipe = maps.isPresent() ? a.buffer("maps.pipe", 8) : null;
    this.end = a.var("maps.end");
  }

  /// Before process 1 is made.
  void prepare() {
    if (maps.isPresent()) {
      e.call("pipe2", pipe, O_CLOEXEC);
    }
  }

  /// As the launcher.
  void write(Var child) {
    if (maps.isEmpty()) {
      return;
    }
    Op.Label ordinary = a.label("maps.ordinary");
    Op.Label written = a.label("maps.written");
    e.begin(new Step.WriteMaps(privileges));
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.call("setresuid", -1, 0, -1);
    if (!privileges.mayChangeGroups()) {
      write(child, "/setgroups", "deny");
    }
    write(child, "/uid_map", IdRange.lines(maps.get().uids()));
    write(child, "/gid_map", IdRange.lines(maps.get().gids()));
    e.call("setresuid", -1, e.uid, -1);
    e.call("setfsuid", 0);
    a.jump(written);
    a.place(ordinary);
    if (privileges.ids().isPresent()) {
      if (!privileges.replacesGroups()) {
        write(child, "/setgroups", "deny");
      }
      help("/usr/bin/newuidmap", child, maps.get().uids());
      help("/usr/bin/newgidmap", child, maps.get().gids());
    }
    a.place(written);
    a.load(end, INT, pipe, 4);
    e.call("write", end, "", 1);
  }

  private void write(Var child, String file, String text) {
    e.routines.clearLine();
    e.routines.append("/proc/");
    e.routines.appendNumber(child);
    e.routines.append(file);
    e.writeFile(e.routines.line(), a.text(text), Value.of(text.length()));
    e.routines.clearLine();
  }

  /// Without the caller's environment. Where the caller ignores SIGCHLD its status is lost; then process 1 finds its ids unmapped.
  private void help(String helper, Var child, List<IdRange> ranges) {
    Var fd = a.var("fd");
    Var seen = a.var("helper.seen");
    Var pid = a.var("helper.pid");
    Buffer status = a.buffer("status", 8);
    Op.Label parent = a.label("helper.parent");
    Op.Label wait = a.label("helper.wait");
    Op.Label done = a.label("helper.done");
    new TrustedProgram(e).open(fd, helper);
    Buffer arguments = arguments(helper, child, ranges);
    e.callInto(pid, "clone", or(CLONE_VM, CLONE_VFORK, SIGCHLD), 0, 0, 0, 0);
    a.jumpIf(pid, NE, 0, parent);
    e.attempt("execveat", fd, "", arguments, a.bytes(new byte[8]), AT_EMPTY_PATH);
    a.call(e.r, "exit_group", EXIT_NO_HELPER);
    a.abort();
    a.place(parent);
    e.routines.clearLine();
    e.call("close", fd);
    a.place(wait);
    e.attempt("wait4", pid, status, __WALL, 0);
    a.jumpIf(e.r, EQ, -Errno.EINTR.number(), wait);
    a.jumpIf(e.r, EQ, -Errno.ECHILD.number(), done);
    e.check();
    a.load(seen, INT, status, 0);
    a.jumpIf(seen, EQ, 0, done);
    e.giveUp(Errno.EPERM);
    a.place(done);
  }

  /// `newuidmap PID INSIDE OUTSIDE COUNT …`, on the line while it is needed.
  private Buffer arguments(String helper, Var child, List<IdRange> ranges) {
    Buffer arguments = a.buffer("helper.arguments " + ranges.size(), 8 * (3 * ranges.size() + 3));
    e.routines.clearLine();
    e.routines.appendNumber(child);
    a.store(LONG, arguments, 0, a.text(helper));
    a.store(LONG, arguments, 8, e.routines.line());
    int at = 16;
    for (IdRange range : ranges) {
      for (int number : new int[] {range.inside(), range.outside(), range.count()}) {
        a.store(LONG, arguments, at, a.text(Integer.toString(number)));
        at += 8;
      }
    }
    a.store(LONG, arguments, at, Value.of(0));
    return arguments;
  }

  /// As process 1: waits for the launcher and ends, as it will have said why, where that gives up.
  ///
  /// @param mapped where to go on when the ids are there
  /// @return whether the ids of all callers are mapped so; else those of an ordinary one are for process 1 to map
  boolean await(Op.Label mapped) {
    if (maps.isEmpty()) {
      return false;
    }
    Op.Label own = a.label("maps.own");
    Op.Label told = a.label("maps.told");
    if (privileges.ids().isEmpty()) {
      a.jumpIf(e.isRoot, EQ, 0, own);
    }
    a.load(end, INT, pipe, 4);
    e.call("close", end);
    a.load(end, INT, pipe, 0);
    e.call("read", end, pipe, 1);
    a.jumpIf(e.r, EQ, 1, told);
    a.call(e.r, "exit_group", Failure.EXIT_CODE);
    a.abort();
    a.place(told);
    a.jumpIf(e.isRoot, EQ, 0, mapped);
    a.set(e.uid, privileges.identity().get().uid());
    a.set(e.gid, privileges.identity().get().gid());
    a.jump(mapped);
    a.place(own);
    return privileges.ids().isPresent();
  }
}
