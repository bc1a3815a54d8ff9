package dev.warder.image;

import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Uapi.LANDLOCK_CREATE_RULESET_VERSION;
import static dev.warder.image.Uapi.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;

import dev.warder.catalog.Errno;
import dev.warder.image.Value.Var;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Abstract Unix sockets have no file that could be kept out: whoever shares the network shares them. A Landlock domain
/// keeps the jail from connecting or sending to those that were made outside of it.
///
/// Source: landlock(7), landlock_create_ruleset(2), man-pages 6.9; `security/landlock/syscalls.c` and
/// `Documentation/userspace-api/landlock.rst`, Linux 7.3, where scopes came with ABI 6, Linux 6.12.
final class AbstractSockets {
  private static final int SCOPES_ABI = 6;

  private final Emitter e;
  private final Assembly a;

  AbstractSockets(Emitter e) {
    this.e = e;
    this.a = e.a;
  }

  /// Landlock that was not built or not started is no error, and neither is one that is too old; anything else is.
  void cutOff(boolean required) {
    Var ruleset = a.var("ruleset");
    Op.Label able = a.label("landlock.able");
    Op.Label unable = a.label("landlock.unable");
    Op.Label done = a.label("landlock.done");
    e.attempt("landlock_create_ruleset", 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
    a.jumpIf(e.r, GE, SCOPES_ABI, able);
    a.jumpIf(e.r, EQ, -Errno.ENOSYS.number(), unable);
    a.jumpIf(e.r, EQ, -Errno.EOPNOTSUPP.number(), unable);
    e.check();
    a.place(unable);
    if (required) {
      e.giveUp(Errno.EOPNOTSUPP);
    } else {
      e.routines.tell("warder: this kernel cannot cut the jail off the host's abstract sockets, which needs Landlock's ABI "
          + SCOPES_ABI + " (Linux 6.12); --network none does, --landlock off says nothing\n");
      e.routines.flush();
      a.jump(done);
    }
    a.place(able);
    byte[] attr = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN)      // handled_access_fs, handled_access_net, scoped
        .putLong(16, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET.value()).array();
    e.callInto(ruleset, "landlock_create_ruleset", a.bytes(attr), attr.length, 0);
    e.call("landlock_restrict_self", ruleset, 0);
    e.call("close", ruleset);
    a.place(done);
  }
}
