package dev.warder.filter;

/// One classic BPF instruction, `struct sock_filter`.
///
/// Source: `include/uapi/linux/filter.h`, Linux 7.3.
///
/// @param code opcode, 16 bits
/// @param jt instructions to skip if the test holds, 0 to 255
/// @param jf instructions to skip if it does not, 0 to 255
/// @param k the constant; a skip count for `JA`, a byte offset for loads
public record Insn(int code, int jt, int jf, int k) {
  public Insn {
    if (code < 0 || code > 0xFFFF || jt < 0 || jt > 255 || jf < 0 || jf > 255) {
      throw new IllegalArgumentException("instruction out of range: code " + code + ", jt " + jt + ", jf " + jf);
    }
  }
}
