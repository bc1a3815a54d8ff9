package dev.warder.image;

import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Uapi.*;
import static dev.warder.image.Value.or;

import dev.warder.catalog.Capability;
import dev.warder.catalog.Errno;
import dev.warder.image.Value.Const;
import dev.warder.image.Value.Data;
import dev.warder.image.Value.Var;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/// The capabilities of the jail: those kept, in every set, and none else, ever.
final class CapabilitySets {
  /// Where capabilities are kept: user id 0 means nothing to execve(2), and a change of user sheds them as usual.
  private static final Const SECURE_BITS = or(SECBIT_NOROOT, SECBIT_NOROOT_LOCKED, SECBIT_NO_SETUID_FIXUP_LOCKED);

  /// Where none is kept: nothing that user ids or the ambient set mean for capabilities ever comes back.
  private static final Const ALL_SECURE_BITS = or(SECURE_BITS, SECBIT_NO_SETUID_FIXUP, SECBIT_KEEP_CAPS_LOCKED,
      SECBIT_NO_CAP_AMBIENT_RAISE, SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);

  private final Emitter e;
  private final Assembly a;

  CapabilitySets(Emitter e) {
    this.e = e;
    this.a = e.a;
  }

  /// Drops from the bounding set until the kernel knows no more, then sets the rest. All kernels that Warder runs on know
  /// the catalog's capabilities.
  void limit(Set<Capability> kept) {
    long mask = mask(kept);
    Var number = a.var("capability");
    Var bit = a.var("capability.bit");
    Op.Label next = a.label("capability.next");
    Op.Label keep = a.label("capability.keep");
    Op.Label done = a.label("capability.done");
    a.set(number, 0);
    a.place(next);
    if (mask != 0) {
      a.compute(bit, Value.of(1), SHIFT_LEFT, number);
      a.compute(bit, bit, AND, Value.of(mask));
      a.jumpIf(bit, NE, 0, keep);
    }
    e.attempt("prctl", PR_CAPBSET_DROP, number, 0, 0, 0);
    a.jumpIf(e.r, EQ, -Errno.EINVAL.number(), done);
    e.check();
    a.place(keep);
    a.add(number, 1);
    a.jump(next);
    a.place(done);
    a.jumpIf(number, LT, Capability.values().length, e.fail);
    e.call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    e.call("prctl", PR_SET_SECUREBITS, kept.isEmpty() ? ALL_SECURE_BITS : SECURE_BITS, 0, 0, 0);
    set(mask);
    for (Capability capability : kept) {
      e.call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability.ordinal(), 0, 0);
    }
  }

  /// In place of root: the user, with what is kept and CAP_SETPCAP, which [#limit] needs. What the kernel makes of a change
  /// of user is switched off for the length of it by PR_SET_KEEPCAPS, but for the effective set.
  void leaveRoot(Set<Capability> kept) {
    e.call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0);
    e.call("setresuid", e.uid, e.uid, e.uid);
    set(mask(kept) | 1L << Capability.CAP_SETPCAP.ordinal());
    e.call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);                         // the sysctl fs.suid_dumpable decided just now
  }

  void empty() {
    set(0);
  }

  private static long mask(Set<Capability> kept) {
    long mask = 0;
    for (Capability capability : kept) {
      mask |= 1L << capability.ordinal();
    }
    return mask;
  }

  /// Of the five sets the effective, the permitted and the inheritable one.
  private void set(long mask) {
    Data header = a.bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) LINUX_CAPABILITY_VERSION_3.value()).array());
    var sets = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int half = 0; half < 2; half++) {
      int bits = (int) (mask >>> 32 * half);
      sets.putInt(bits).putInt(bits).putInt(bits);
    }
    e.call("capset", header, a.bytes(sets.array()));
  }
}
