package dev.warder.filter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// A compiled program for `seccomp(2)`: one for all architectures of its policy.
///
/// @param insns at most 4096, `BPF_MAXINSNS`
/// @param bigEndian byte order of the target
public record Filter(List<Insn> insns, boolean bigEndian) {
  /// Source: `include/uapi/linux/bpf_common.h`, Linux 7.3.
  public static final int MAX_LENGTH = 4096;

  public Filter {
    insns = List.copyOf(insns);
    if (insns.isEmpty() || insns.size() > MAX_LENGTH) {
      throw new IllegalArgumentException("a filter has 1 to 4096 instructions, got " + insns.size());
    }
  }

  /// The filter in an array of `struct sock_filter`, as [#bytes] writes it.
  ///
  /// @throws IllegalArgumentException if the length is not 1 to 4096 times 8 bytes
  public static Filter parse(byte[] bytes, boolean bigEndian) {
    if (bytes.length % 8 != 0) {
      throw new IllegalArgumentException("a filter is a multiple of 8 bytes, got " + bytes.length);
    }
    var in = ByteBuffer.wrap(bytes).order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    var insns = new ArrayList<Insn>(bytes.length / 8);
    while (in.hasRemaining()) {
      insns.add(new Insn(in.getShort() & 0xFFFF, in.get() & 0xFF, in.get() & 0xFF, in.getInt()));
    }
    return new Filter(insns, bigEndian);
  }

  /// The array of `struct sock_filter`, 8 bytes an instruction, in the target's byte order.
  public byte[] bytes() {
    var out = ByteBuffer.allocate(8 * insns.size())
        .order(bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (Insn insn : insns) {
      out.putShort((short) insn.code()).put((byte) insn.jt()).put((byte) insn.jf()).putInt(insn.k());
    }
    return out.array();
  }
}
