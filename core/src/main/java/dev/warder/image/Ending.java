package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_RIGHT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Buffer;
import dev.warder.image.Value.Var;

/// The launcher's end: tells what came of the program, tidies up, and returns the status.
final class Ending {
  static final int EXIT_TIMEOUT = 124;
  static final int EXIT_NOT_EXECUTABLE = 126;
  static final int EXIT_NOT_FOUND = 127;

  private final Emitter e;
  private final Assembly a;
  private final Groups groups;
  private final Result result;
  private final UserNetwork userNetwork;

  Ending(Emitter e, Groups groups, Result result, UserNetwork userNetwork) {
    this.e = e;
    this.a = e.a;
    this.groups = groups;
    this.result = result;
    this.userNetwork = userNetwork;
  }

  /// @param timedOut not 0 if the time limit ended the jail
  /// @param status of process 1, as wait(2) has it
  void exit(Var timedOut, Buffer status) {
    Var code = a.var("code");
    Var signal = a.var("endSignal");
    Op.Label inTime = a.label("exit.inTime");
    Op.Label started = a.label("exit.started");
    Op.Label exited = a.label("exit.exited");
    Op.Label done = a.label("exit.done");
    a.jumpIf(timedOut, EQ, 0, inTime);
    a.set(code, EXIT_TIMEOUT);
    a.jump(done);
    a.place(inTime);
    a.load(code, INT, e.report, 0);
    a.jumpIf(code, EQ, 0, started);
    notExecuted(code);
    a.jump(done);
    a.place(started);
    a.load(code, INT, status, 0);
    a.compute(signal, code, AND, Value.of(0x7F));
    a.jumpIf(signal, EQ, 0, exited);
    a.compute(code, signal, ADD, Value.of(128));
    a.jump(done);
    a.place(exited);
    a.compute(code, code, SHIFT_RIGHT, Value.of(8));
    a.compute(code, code, AND, Value.of(0xFF));
    a.place(done);
    userNetwork.end();
    result.tell(code);
    groups.remove();
    a.call(e.r, "exit_group", code);
    a.abort();
  }

  /// Says why the command could not be executed; `code` holds the error number and then the exit code.
  private void notExecuted(Var code) {
    Var name = a.var("commandName");
    Op.Label found = a.label("exec.found");
    Op.Label absent = a.label("exec.absent");
    Op.Label noFormat = a.label("exec.noFormat");
    Op.Label denied = a.label("exec.denied");
    Op.Label said = a.label("exec.said");
    a.load(name, LONG, e.commandVector, 0);
    e.routines.tell("warder: cannot run ");
    e.routines.append(name);
    a.jumpIf(code, EQ, Errno.ENOENT.number(), absent);
    a.jumpIf(code, NE, Errno.ENOTDIR.number(), found);
    a.place(absent);
    e.routines.append(": not found in the jail, or its interpreter is not; to show more of the host: --bind-ro PATH\n");
    a.set(code, EXIT_NOT_FOUND);
    a.jump(said);
    a.place(found);
    a.jumpIf(code, EQ, Errno.ENOEXEC.number(), noFormat);
    a.jumpIf(code, EQ, Errno.EACCES.number(), denied);
    e.routines.tell(": ");
    e.failure.appendName(code);
    e.routines.tell("\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.jump(said);
    a.place(noFormat);
    e.routines.append(": not a program; a script needs a first line such as #!/bin/sh\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.jump(said);
    a.place(denied);
    e.routines.append(": found, but not executable for the program's user; see ls -l and chmod +x\n");
    a.set(code, EXIT_NOT_EXECUTABLE);
    a.place(said);
    e.routines.flush();
  }
}
