package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.LONG;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;
import dev.warder.jail.Attribute;
import dev.warder.jail.GroupLimit;
import dev.warder.jail.Limit;
import dev.warder.jail.Mount;
import dev.warder.jail.Network;
import dev.warder.jail.Plan;
import dev.warder.jail.Privileges;
import dev.warder.jail.Step;
import java.time.Duration;
import java.util.List;

/// The outer process: gives up root, makes process 1 in new namespaces, then waits for it, passes signals on, watches the
/// caller and the clock, and returns the status.
///
/// Process 1 is cloned without an exit signal: its end is seen by its pidfd, so a caller that ignores SIGCHLD takes no
/// status away.
final class Launcher {
  private final Emitter e;
  private final Assembly a;
  private final Plan plan;
  private final Sources sources;
  private final Groups groups;
  private final Terminal terminal;
  private final Result result;
  private final UserNetwork userNetwork;
  private final GivenFiles files;
  private final Supervision supervision;

  Launcher(Emitter e, Plan plan, Sources sources, Groups groups, Result result, Terminal terminal) {
    this.e = e;
    this.a = e.a;
    this.plan = plan;
    this.sources = sources;
    this.groups = groups;
    this.terminal = terminal;
    this.result = result;
    this.userNetwork = new UserNetwork(e, plan);
    this.files = new GivenFiles(e);
    this.supervision = new Supervision(e, plan, result, terminal);
  }

  /// @param inside where process 1 goes on
  void emit(Op.Label inside) {
    supervision.prepare();
    var firstProcess = new FirstProcess(e, plan, groups, result, userNetwork);
    for (Step step : plan.launcher()) {
      e.begin(step);
      if (step instanceof Step.CheckStandardFiles) {
        files.checkStandard();
      } else if (step instanceof Step.KeepFile(int file)) {
        files.keep(file);
      } else if (step instanceof Step.CloseFiles(List<Integer> kept)) {
        e.closeFilesBut(kept);
      } else if (step instanceof Step.SetAttribute(Attribute attribute)) {
        set(attribute);
      } else if (step instanceof Step.LetFilesGo(List<Integer> files)) {
        this.files.letGo(files);
      } else if (step instanceof Step.WatchCaller) {
        supervision.watchCaller();
      } else if (step instanceof Step.FindTerminal) {
        terminal.find();
      } else if (step instanceof Step.TakeSignals) {
        supervision.takeSignals();
      } else if (step instanceof Step.StartClock(Duration timeout)) {
        supervision.startClock(timeout);
      } else if (step instanceof Step.ShareReport) {
        e.callInto(e.report, "mmap", 0, 4096, or(PROT_READ, PROT_WRITE), or(MAP_SHARED, MAP_ANONYMOUS), -1, 0);
      } else if (step instanceof Step.OpenResult(String file)) {
        result.open(file);
      } else if (step instanceof Step.RaiseLimits(List<Limit> limits)) {
        raise(limits);
      } else if (step instanceof Step.ReadData(Mount.Data data)) {
        new DataFiles(e, sources).read(data);
      } else if (step instanceof Step.OwnMounts) {
        ownMounts();
      } else if (step instanceof Step.TakeSources(boolean ifRootCalls)) {
        sources.take(ifRootCalls);
      } else if (step instanceof Step.FindGroup) {
        groups.find(step);
      } else if (step instanceof Step.MakeGroup) {
        groups.make();
      } else if (step instanceof Step.LimitGroup(GroupLimit limit)) {
        groups.limit(limit);
      } else if (step instanceof Step.JoinNetwork(String path)) {
        new ExistingNetwork(e, plan).join(path);
      } else if (step instanceof Step.RequireRoot) {
        requireRoot();
      } else if (step instanceof Step.Say(String text)) {
        e.routines.append("warder: " + text + "\n");
        e.routines.flush();
      } else if (step instanceof Step.StartNetwork(Network.UserMode network)) {
        userNetwork.start(network);
      } else if (step instanceof Step.BecomeUser(Privileges privileges)) {
        firstProcess.becomeUser(privileges);
      } else if (step instanceof Step.EnterNamespaces enter) {
        firstProcess.make(enter, inside, supervision.child(), supervision.childFd());
      } else {
        throw new IllegalArgumentException("not a step of the launcher: " + step);
      }
    }
    supervision.supervise(new Ending(e, groups, result, userNetwork));
  }

  private void set(Attribute attribute) {
    if (attribute instanceof Attribute.Nice(int value)) {
      e.call("setpriority", PRIO_PROCESS, 0, value);
    } else if (attribute instanceof Attribute.OomScore(int value)) {
      e.writeFile("/proc/self/oom_score_adj", Integer.toString(value));
    } else if (attribute instanceof Attribute.CpuAffinity(List<Long> mask)) {
      var words = new long[mask.size()];
      for (int i = 0; i < words.length; i++) {
        words[i] = mask.get(i);
      }
      e.call("sched_setaffinity", 0, 8 * words.length, a.bytes(Emitter.longs(words)));
    } else if (attribute instanceof Attribute.Personality(long persona)) {
      e.call("personality", persona);
    } else {
      throw new AssertionError(attribute);
    }
  }

  /// Of this process, before root is given up; process 1 sets the limits themselves.
  private void raise(List<Limit> limits) {
    Buffer old = a.buffer("rlimit", 16);
    Var hard = a.var("rlimit.hard");
    Op.Label done = a.label("rlimit.done");
    a.jumpIf(e.isRoot, EQ, 0, done);
    for (Limit limit : limits) {
      Op.Label enough = a.label("rlimit.enough");
      int resource = limit.resource().ordinal();
      e.call("prlimit64", 0, resource, 0, old);
      a.load(hard, LONG, old, 8);
      a.jumpIf(hard, EQ, Limit.UNLIMITED, enough);
      if (limit.hard() != Limit.UNLIMITED) {
        a.jumpIf(hard, GE, limit.hard(), enough);
      }
      a.store(LONG, old, 8, Value.of(limit.hard()));
      e.call("prlimit64", 0, resource, old, 0);
      a.place(enough);
    }
    a.place(done);
  }

  /// An ordinary caller has none but in the jail.
  private void ownMounts() {
    Op.Label ordinary = a.label("ownMounts.ordinary");
    a.jumpIf(e.isRoot, EQ, 0, ordinary);
    e.call("unshare", CLONE_NEWNS);
    e.call("mount_setattr", AT_FDCWD, "/", AT_RECURSIVE, sources.attributes(Value.of(0), MS_PRIVATE), 32);
    a.place(ordinary);
  }

  private void requireRoot() {
    Op.Label root = a.label("required.root");
    a.jumpIf(e.isRoot, NE, 0, root);
    e.giveUp(Errno.EPERM);
    a.place(root);
  }

}
