package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Uapi.*;

import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.GroupLimit.Controller;

/// Reads what the control groups of a jail have counted; -1 stands for what no group counts.
///
/// With cgroup v1 events are counted where the processes are, peaks where the limit is; with v2 both where the limit is.
final class GroupCounters {
  private static final int FILE_BYTES = 512;

  private final Emitter e;
  private final Assembly a;
  private final Groups groups;
  private final Op.Label read;
  private final Var folder;
  private final Var file;
  private final Var key;
  private final Var value;

  GroupCounters(Emitter e, Groups groups) {
    this.e = e;
    this.a = e.a;
    this.groups = groups;
    this.read = a.label("counter.read");
    this.folder = a.var("counter.folder");
    this.file = a.var("counter.file");
    this.key = a.var("counter.key");
    this.value = a.var("counter.value");
  }

  /// The most memory that the jail had at a time, in bytes.
  void memoryPeak(Var to) {
    count(to, Controller.MEMORY, groups.limited(null), "memory.peak", groups.limited(Controller.MEMORY),
        "memory.max_usage_in_bytes", "");
  }

  /// Processes that were killed since memory was at its limit.
  void oomKills(Var to) {
    count(to, Controller.MEMORY, groups.limited(null), "memory.events", groups.jail(Controller.MEMORY),
        "memory.oom_control", "oom_kill ");
  }

  void forksRefused(Var to) {
    count(to, Controller.PIDS, groups.limited(null), "pids.events", groups.jail(Controller.PIDS), "pids.events", "max ");
  }

  private void count(
      Var to, Controller controller, Var unified, String unifiedFile, Var legacy, String legacyFile, String key) {
    a.set(to, -1);
    if (!groups.controllers().contains(controller)) {
      return;
    }
    Op.Label old = a.label("counter.legacy");
    Op.Label done = a.label("counter.done");
    a.set(this.key, a.text(key));
    a.jumpIf(groups.unified(), EQ, 0, old);
    read(unified, unifiedFile);
    a.jump(done);
    a.place(old);
    read(legacy, legacyFile);
    a.place(done);
    a.set(to, value);
  }

  private void read(Var folder, String file) {
    a.set(this.folder, folder);
    a.set(this.file, a.text(file));
    a.invoke(read);
  }

  /// Sets [#value] to the number behind [#key] at the beginning of a line.
  void emitSubroutines() {
    if (groups.isEmpty()) {
      return;
    }
    Buffer text = a.buffer("counter.text", FILE_BYTES);
    Var fd = a.var("counter.fd");
    Var at = a.var("counter.at");
    Var b = a.var("counter.byte");
    Op.Label line = a.label("counter.line");
    Op.Label skip = a.label("counter.skip");
    Op.Label found = a.label("counter.found");
    Op.Label done = a.label("counter.end");
    a.place(read);
    a.set(value, -1);
    a.jumpIf(folder, EQ, 0, done);                          // not made
    e.attempt("openat", folder, file, O_CLOEXEC, 0);
    a.jumpIf(e.r, LT, 0, done);
    a.set(fd, e.r);
    e.attempt("read", fd, text, FILE_BYTES - 1);
    a.call(b, "close", fd);
    a.jumpIf(e.r, LT, 0, done);
    a.store(BYTE, text, e.r, Value.of(0));
    a.set(at, text);
    a.place(line);
    a.set(value, e.routines.startsWith(at, key));
    a.jumpIf(e.routines.same, NE, 0, found);
    a.place(skip);
    a.load(b, BYTE, at, 0);
    a.set(value, -1);
    a.jumpIf(b, EQ, 0, done);
    a.add(at, 1);
    a.jumpIf(b, EQ, '\n', line);
    a.jump(skip);
    a.place(found);
    e.routines.readNumber(value);
    a.place(done);
    a.ret();
  }
}
