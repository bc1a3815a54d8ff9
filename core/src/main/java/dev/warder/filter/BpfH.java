package dev.warder.filter;

/// Classic BPF opcodes: class, then size and mode of a load, or operation and source of an ALU instruction or a jump.
///
/// Source: `include/uapi/linux/bpf_common.h` and `include/uapi/linux/filter.h`, Linux 7.3.
public final class BpfH {
  public static final int BPF_LD = 0x00;
  public static final int BPF_LDX = 0x01;
  public static final int BPF_ST = 0x02;
  public static final int BPF_STX = 0x03;
  public static final int BPF_ALU = 0x04;
  public static final int BPF_JMP = 0x05;
  public static final int BPF_RET = 0x06;
  public static final int BPF_MISC = 0x07;

  /// 32-bit loads, the only size that seccomp accepts.
  public static final int BPF_W = 0x00;
  public static final int BPF_IMM = 0x00;
  public static final int BPF_ABS = 0x20;
  public static final int BPF_MEM = 0x60;
  public static final int BPF_LEN = 0x80;

  public static final int BPF_ADD = 0x00;
  public static final int BPF_SUB = 0x10;
  public static final int BPF_MUL = 0x20;
  public static final int BPF_DIV = 0x30;
  public static final int BPF_OR = 0x40;
  public static final int BPF_AND = 0x50;
  public static final int BPF_LSH = 0x60;
  public static final int BPF_RSH = 0x70;
  public static final int BPF_NEG = 0x80;
  public static final int BPF_XOR = 0xA0;

  public static final int BPF_JA = 0x00;
  public static final int BPF_JEQ = 0x10;
  public static final int BPF_JGT = 0x20;
  public static final int BPF_JGE = 0x30;
  public static final int BPF_JSET = 0x40;

  /// The second operand is the constant `k`.
  public static final int BPF_K = 0x00;
  /// The second operand is the register X.
  public static final int BPF_X = 0x08;
  /// The return value is the register A.
  public static final int BPF_A = 0x10;

  public static final int BPF_TAX = 0x00;
  public static final int BPF_TXA = 0x80;

  /// 32-bit slots of scratch memory, `M[]`.
  public static final int BPF_MEMWORDS = 16;

  private BpfH() {}
}
