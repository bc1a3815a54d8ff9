package dev.warder.filter;

import static dev.warder.filter.BpfH.*;

import dev.warder.catalog.Arch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A filter as text, an instruction a line: index, instruction in the syntax of `bpf_asm` with line numbers to jump to,
/// and what it means.
///
/// ```
///   0: ld [4]                     ; arch
///   1: jeq #0xc000003e, 2, 5      ; x86_64
///   2: ld [0]                     ; nr
///   3: jeq #59, 4, 5              ; execve
///   4: ret #0x7fff0000            ; ALLOW
///   5: ret #0x80000000            ; KILL
/// ```
///
/// Any filter can be listed; an opcode that seccomp does not know is shown as numbers.
public final class Listing {
  private static final int NOTHING = -1;
  private static final int UNSEEN = -2;

  private final List<Insn> insns;
  private final boolean bigEndian;
  private final Names names;
  /// The field that A holds before each instruction, on every path there: counted from 0, or [#NOTHING].
  private final int[] held;
  /// The architecture that every path there has found.
  private final Arch[] found;

  /// Names system calls.
  @FunctionalInterface
  public interface Names {
    /// @param number as in `seccomp_data.nr`
    Optional<String> name(Arch arch, int number);
  }

  private Listing(Filter filter, Names names) {
    this.insns = filter.insns();
    this.bigEndian = filter.bigEndian();
    this.names = names;
    this.held = new int[insns.size()];
    this.found = new Arch[insns.size()];
  }

  public static String of(Filter filter) {
    return of(filter, (_, _) -> Optional.empty());
  }

  public static String of(Filter filter, Names names) {
    return new Listing(filter, names).render();
  }

  private String render() {
    Arrays.fill(held, UNSEEN);
    held[0] = NOTHING;
    var out = new StringBuilder();
    for (int at = 0; at < insns.size(); at++) {
      out.append("%3d: %-26s".formatted(at, text(at)));
      comment(at).ifPresent(comment -> out.append(" ; ").append(comment));
      out.setLength(out.toString().stripTrailing().length());
      out.append('\n');
      flow(at);
    }
    return out.toString();
  }

  /// Carries what is known at an instruction to those it leads to; they all come later.
  private void flow(int at) {
    Insn insn = insns.get(at);
    int code = insn.code();
    if (code == (BPF_LD | BPF_W | BPF_ABS)) {
      reach(at + 1, insn.k() / 4, found[at]);
    } else if (code == (BPF_JMP | BPF_JA)) {
      reach(at + 1 + insn.k(), held[at], found[at]);
    } else if ((code & 7) == BPF_JMP) {
      boolean arch = held[at] == 1 && code == (BPF_JMP | BPF_JEQ | BPF_K);
      reach(at + 1 + insn.jt(), held[at], arch ? arch(insn.k()) : found[at]);
      reach(at + 1 + insn.jf(), held[at], found[at]);
    } else if ((code & 7) != BPF_RET) {
      boolean kept = code == (BPF_ALU | BPF_AND | BPF_K) || (code & 7) == BPF_ST || (code & 7) == BPF_LDX;
      reach(at + 1, kept ? held[at] : NOTHING, found[at]);
    }
  }

  private void reach(int at, int field, Arch arch) {
    if (at < 0 || at >= held.length) {
      return;
    }
    boolean first = held[at] == UNSEEN;
    held[at] = first || held[at] == field ? field : NOTHING;
    found[at] = first || found[at] == arch ? arch : null;
  }

  private Optional<String> comment(int at) {
    Insn insn = insns.get(at);
    if (insn.code() == (BPF_LD | BPF_W | BPF_ABS)) {
      return Optional.of(field(insn.k()));
    }
    if (insn.code() == (BPF_RET | BPF_K)) {
      return Optional.of(ReturnValue.render(insn.k()));
    }
    if ((insn.code() & 7) != BPF_JMP || insn.code() == (BPF_JMP | BPF_JA)) {
      return Optional.empty();
    }
    return switch (held[at]) {
      case 0 -> call(found[at], insn.k());
      case 1 -> Optional.ofNullable(arch(insn.k())).map(Arch::label);
      default -> Optional.empty();
    };
  }

  private Optional<String> call(Arch arch, int number) {
    if (arch == null) {
      return Optional.empty();
    }
    boolean x32 = arch == Arch.X86_64 && number >= SeccompH.X32_SYSCALL_BIT;
    return number == SeccompH.X32_SYSCALL_BIT && x32
        ? Optional.of("x32")
        : names.name(x32 ? Arch.X32 : arch, number);
  }

  /// The first architecture with this value: x86_64, not x32.
  private static Arch arch(int auditArch) {
    for (Arch arch : Arch.values()) {
      if (arch.auditArch() == auditArch) {
        return arch;
      }
    }
    return null;
  }

  private String field(int offset) {
    if (offset < SeccompH.ARGS) {
      return switch (offset) {
        case SeccompH.NR -> "nr";
        case SeccompH.ARCH -> "arch";
        default -> "instruction pointer, " + half(offset);
      };
    }
    return "args[" + (offset - SeccompH.ARGS) / 8 + "], " + half(offset);
  }

  private String half(int offset) {
    return offset % 8 == 0 != bigEndian ? "low" : "high";
  }

  private String text(int at) {
    Insn insn = insns.get(at);
    String operand = (insn.code() & BPF_X) != 0 ? "x" : constant(insn.k(), held[at]);
    String text = switch (insn.code() & 7) {
      case BPF_LD -> load("ld", insn);
      case BPF_LDX -> load("ldx", insn);
      case BPF_ST -> "st M[" + insn.k() + "]";
      case BPF_STX -> "stx M[" + insn.k() + "]";
      case BPF_ALU -> compute(insn.code() & 0xF0, operand);
      case BPF_JMP -> jump(insn, at, operand);
      case BPF_RET -> (insn.code() & 0x18) == BPF_A ? "ret a" : "ret #0x" + Integer.toHexString(insn.k());
      default -> insn.code() == (BPF_MISC | BPF_TAX) ? "tax" : insn.code() == (BPF_MISC | BPF_TXA) ? "txa" : null;
    };
    return text != null ? text : ".insn #0x%x, %d, %d, #0x%x".formatted(insn.code(), insn.jt(), insn.jf(), insn.k());
  }

  /// Call numbers are decimal, all else is hexadecimal.
  private static String constant(int k, int field) {
    return field == 0 && k >= 0 && k < SeccompH.X32_SYSCALL_BIT ? "#" + k : "#0x" + Integer.toHexString(k);
  }

  private static String load(String name, Insn insn) {
    return switch (insn.code() & 0xF8) {
      case BPF_ABS -> name + " [" + insn.k() + "]";
      case BPF_IMM -> name + " #0x" + Integer.toHexString(insn.k());
      case BPF_MEM -> name + " M[" + insn.k() + "]";
      case BPF_LEN -> name + " #len";
      default -> null;
    };
  }

  private static String compute(int operation, String operand) {
    return switch (operation) {
      case BPF_ADD -> "add " + operand;
      case BPF_SUB -> "sub " + operand;
      case BPF_MUL -> "mul " + operand;
      case BPF_DIV -> "div " + operand;
      case BPF_AND -> "and " + operand;
      case BPF_OR -> "or " + operand;
      case BPF_XOR -> "xor " + operand;
      case BPF_LSH -> "lsh " + operand;
      case BPF_RSH -> "rsh " + operand;
      case BPF_NEG -> "neg";
      default -> null;
    };
  }

  private static String jump(Insn insn, int at, String operand) {
    String name = switch (insn.code() & 0xF0) {
      case BPF_JEQ -> "jeq";
      case BPF_JGT -> "jgt";
      case BPF_JGE -> "jge";
      case BPF_JSET -> "jset";
      case BPF_JA -> "ja";
      default -> null;
    };
    if (name == null || name.equals("ja")) {
      return name == null ? null : "ja " + Integer.toUnsignedString(at + 1 + insn.k());
    }
    return name + " " + operand + ", " + (at + 1 + insn.jt()) + ", " + (at + 1 + insn.jf());
  }
}
