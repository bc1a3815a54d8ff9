package dev.warder.image.x86_64;

import dev.warder.catalog.SyscallTable;
import dev.warder.image.Code;
import dev.warder.image.Op;
import dev.warder.image.Value;
import dev.warder.image.elf.ElfExecutable;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Portable code as x86-64 machine code.
///
/// Each operation loads what it reads into registers, works, and stores its result. Only `rbp` and `rbx` last: they hold
/// addresses in the writable memory, and the kernel preserves them. Images shall be small, so the shortest usual
/// encoding is taken, the variables used most lie within reach of an 8-bit displacement, a result still in `rax` is not
/// loaded again, system calls that must succeed share the check, and jumps start out short and grow until all reach;
/// growing is monotonic, so the loop ends.
///
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2; x86-64 psABI 1.0, appendix A.2.1 for
/// the system call registers. The tests compare the encodings with a disassembler's reading.
public final class Encoder {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int[] ARGUMENTS = {RDI, RSI, RDX, 10, 8, 9};

  /// `rbp` points this far into the variables, so that the first 32 are within an 8-bit displacement; `rbx` stands behind
  /// it, for the next 32.
  private static final int BIAS = 128;

  private final SyscallTable numbers;
  private final int variableBytes;
  private final int[] slots;
  private final List<Piece> pieces = new ArrayList<>();
  private final List<Checked> checked = new ArrayList<>();
  private ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int labels;

  /// The variable whose value is in `rax` too, or null.
  private Value.Var inRax;

  /// A subroutine of the encoder's own: the system call, its result stored, and on to a label if that is negative.
  private record Checked(Value.Var result, Op.Label onError, Op.Label place) {}

  /// Machine code between two labels or jumps, then what ends it.
  private sealed interface Piece {
    record Bytes(byte[] code) implements Piece {}

    record Target(Op.Label label) implements Piece {}

    /// @param condition the low four bits of `Jcc`; -1 for `JMP`, -2 for `CALL`
    record Branch(int condition, Op.Label to) implements Piece {}
  }

  private Encoder(Code code, SyscallTable numbers) {
    this.numbers = numbers;
    this.variableBytes = 8 * code.variables();
    this.slots = code.variablesByUse();
    this.labels = code.labels();
  }

  /// The machine code, to be loaded at [ElfExecutable#codeAddress] for the code's data.
  ///
  /// @throws IllegalArgumentException if the code names a system call that x86-64 lacks or jumps to a label not placed
  public static byte[] encode(Code code, SyscallTable numbers) {
    var encoder = new Encoder(code, numbers);
    for (Op op : code.ops()) {
      encoder.encode(op);
    }
    encoder.emitChecked();
    encoder.endPiece();
    return new Layout(encoder.pieces, encoder.labels).bytes();
  }

  private void encode(Op op) {
    if (op instanceof Op.Note) {
      // nothing to do
    } else if (op instanceof Op.Label label) {
      place(label);
    } else if (op instanceof Op.Jump(Op.Label to)) {
      branch(-1, to);
    } else if (op instanceof Op.JumpIf(Value left, Op.Test test, Value right, Op.Label to)) {
      compare(left, right);
      branch(condition(test), to);
    } else if (op instanceof Op.Set(Value.Var to, Value from)) {
      set(to, from);
    } else if (op instanceof Op.Compute(Value.Var to, Value left, Op.Operator operator, Value right)) {
      compute(to, left, operator, right);
    } else if (op instanceof Op.Load(Value.Var to, Op.Width width, Value address, Value offset)) {
      load(RAX, address);
      int displacement = offsetInto(RAX, offset);
      switch (width) {
        case BYTE -> emit(0x0F, 0xB6);                       // movzx eax, byte [rax+disp32]
        case INT -> emit(0x8B);                              // mov eax, [rax+disp32]
        case LONG -> emit(0x48, 0x8B);
      }
      memory(RAX, RAX, displacement);
      store(to, RAX);
    } else if (op instanceof Op.Store(Op.Width width, Value address, Value offset, Value from)) {
      load(RAX, address);
      int displacement = offsetInto(RAX, offset);
      load(RDX, from);
      switch (width) {
        case BYTE -> emit(0x88);                             // mov [rax+disp32], dl
        case INT -> emit(0x89);
        case LONG -> emit(0x48, 0x89);
      }
      memory(RDX, RAX, displacement);
    } else if (op instanceof Op.SystemCall(Value.Var result, String name, List<Value> args, var onError)) {
      systemCall(result, name, args, onError.orElse(null));
    } else if (op instanceof Op.Invoke(Op.Label subroutine)) {
      branch(-2, subroutine);
      inRax = null;
    } else if (op instanceof Op.Return) {
      emit(0xC3);
    } else if (op instanceof Op.Enter(Value.Var stack, int reserved)) {
      emit(0xBD);                                            // mov ebp, imm32
      emit32(ElfExecutable.WRITABLE_ADDRESS + BIAS);
      emit(0xBB);                                              // mov ebx, imm32
      emit32(ElfExecutable.WRITABLE_ADDRESS + 3 * BIAS);
      store(stack, RSP);
      emit(0x48, 0x81, 0xEC);                                // sub rsp, imm32
      emit32((reserved + 15) & -16);
    } else if (op instanceof Op.Abort) {
      emit(0xF4, 0x0F, 0x0B);               // hlt, a fault outside the kernel; ud2
    } else {
      throw new AssertionError(op);
    }
  }

  private void systemCall(Value.Var result, String name, List<Value> args, Op.Label onError) {
    OptionalInt number = numbers.number(name);
    if (number.isEmpty()) {
      throw new IllegalArgumentException("no system call " + name + " on " + numbers.arch());
    }
    for (int i = 0; i < args.size(); i++) {
      load(ARGUMENTS[i], args.get(i));
    }
    loadConstant(RAX, number.getAsInt());
    if (onError == null) {
      makeCall(result);
    } else if (name.startsWith("clone")) {
      // Returns twice, maybe on one stack: a return address there would not outlive the child's own calls.
      makeCall(result);
      jumpIfNegative(onError);
    } else {
      branch(-2, checked(result, onError));
      inRax = result;
    }
  }

  private void makeCall(Value.Var result) {
    emit(0x0F, 0x05);                                        // syscall
    store(result, RAX);
  }

  private void jumpIfNegative(Op.Label to) {
    emit(0x48, 0x85, 0xC0);                                  // test rax, rax
    branch(0x8, to);                                         // js
  }

  private Op.Label checked(Value.Var result, Op.Label onError) {
    for (Checked known : checked) {
      if (known.result() == result && known.onError() == onError) {
        return known.place();
      }
    }
    var made = new Checked(result, onError, new Op.Label("checked " + checked.size(), labels++));
    checked.add(made);
    return made.place();
  }

  private void emitChecked() {
    for (Checked one : checked) {
      place(one.place());
      makeCall(one.result());
      jumpIfNegative(one.onError());
      emit(0xC3);
    }
  }

  /// Compares left with right, for a signed condition.
  private void compare(Value left, Value right) {
    if (left == inRax && isByte(right)) {
      emit(0x48, 0x83, 0xF8);                                  // cmp rax, imm8
      emitByte(right);
    } else if (left instanceof Value.Var var && isByte(right)) {
      emit(0x48, 0x83);                                        // cmp qword [rbp+disp], imm8
      variable(7, var);
      emitByte(right);
    } else {
      load(RAX, left);
      if (right instanceof Value.Var var) {
        emit(0x48, 0x3B);                                      // cmp rax, [variable]
        variable(RAX, var);
      } else {
        load(RCX, right);
        emit(0x48, 0x39, 0xC8);                                // cmp rax, rcx
      }
    }
  }

  private static boolean isByte(Value value) {
    return value instanceof Value.Const(long constant, _) && constant == (byte) constant;
  }

  private void emitByte(Value value) {
    emit((int) ((Value.Const) value).value() & 0xFF);
  }

  private static int condition(Op.Test test) {
    return switch (test) {
      case EQ -> 0x4;
      case NE -> 0x5;
      case LT -> 0xC;
      case GE -> 0xD;
      case LE -> 0xE;
      case GT -> 0xF;
    };
  }

  private void compute(Value.Var to, Value left, Op.Operator operator, Value right) {
    if (operator == Op.Operator.ADD && to == left && isByte(right)) {
      emit(0x48, 0x83);                                        // add qword [rbp+disp], imm8
      variable(0, to);
      emitByte(right);
      forget(to);
      return;
    }
    load(RAX, left);
    load(RCX, right);
    switch (operator) {
      case ADD -> emit(0x48, 0x01, 0xC8);
      case SUB -> emit(0x48, 0x29, 0xC8);
      case AND -> emit(0x48, 0x21, 0xC8);
      case OR -> emit(0x48, 0x09, 0xC8);
      case SHIFT_LEFT -> emit(0x48, 0xD3, 0xE0);
      case SHIFT_RIGHT -> emit(0x48, 0xD3, 0xE8);
      case DIVIDE -> emit(0x31, 0xD2, 0x48, 0xF7, 0xF1);       // xor edx, edx; div rcx
      case REMAINDER -> emit(0x31, 0xD2, 0x48, 0xF7, 0xF1, 0x48, 0x89, 0xD0);   // …; mov rax, rdx
    }
    store(to, RAX);
  }

  private void set(Value.Var to, Value from) {
    if (isByte(from)) {
      emit(0x6A);                                              // push imm8; pop qword [rbp+disp]
      emitByte(from);
      emit(0x8F);
      variable(0, to);
      forget(to);
    } else if (constant(from) instanceof Long value && value == value.intValue()) {
      emit(0x48, 0xC7);                                        // mov qword [rbp+disp], imm32
      variable(0, to);
      emit32(value.intValue());
      forget(to);
    } else {
      load(RAX, from);
      store(to, RAX);
    }
  }

  private void store(Value.Var to, int register) {
    emit(0x48, 0x89);
    variable(register, to);
    if (register == RAX) {
      inRax = to;
    }
  }

  /// The variable has another value than before.
  private void forget(Value.Var changed) {
    if (changed == inRax) {
      inRax = null;
    }
  }

  private void load(int register, Value value) {
    if (value == inRax) {
      if (register != RAX) {
        emit(0x48 | high(register), 0x89, 0xC0 | register & 7);  // mov r64, rax
      }
      return;
    }
    if (value instanceof Value.Var var) {
      emit(0x48 | high(register) << 2, 0x8B);
      variable(register & 7, var);
    } else {
      loadConstant(register, constant(value));
    }
    if (register == RAX) {
      inRax = value instanceof Value.Var var ? var : null;
    }
  }

  /// What the value is at every run, or null.
  private Long constant(Value value) {
    if (value instanceof Value.Const constant) {
      return constant.value();
    } else if (value instanceof Value.Data data) {
      return (long) ElfExecutable.DATA_ADDRESS + data.offset();
    } else if (value instanceof Value.Buffer buffer) {
      return (long) ElfExecutable.WRITABLE_ADDRESS + variableBytes + buffer.offset();
    }
    return null;
  }

  private void loadConstant(int register, long constant) {
    if (constant == 0) {
      rexB(register, 5);
      emit(0x31, 0xC0 | (register & 7) << 3 | register & 7);   // xor r32, r32
    } else if (constant == (byte) constant) {
      emit(0x6A, (int) constant & 0xFF);                       // push imm8; pop r64
      rexB(register, 1);
      emit(0x58 | register & 7);
    } else if (constant >>> 32 == 0) {
      rexB(register, 1);
      emit(0xB8 | register & 7);                               // mov r32, imm32
      emit32((int) constant);
    } else if (constant == (int) constant) {
      emit(0x48 | high(register), 0xC7, 0xC0 | register & 7);  // mov r64, sign-extended imm32
      emit32((int) constant);
    } else {
      emit(0x48 | high(register), 0xB8 | register & 7);        // mov r64, imm64
      emit32((int) constant);
      emit32((int) (constant >>> 32));
    }
  }

  private void rexB(int register, int bits) {
    if (register >= 8) {
      emit(0x40 | bits);
    }
  }

  private static int high(int register) {
    return register >> 3;
  }

  /// ModRM for the memory of a variable.
  private void variable(int register, Value.Var var) {
    int offset = 8 * slots[var.index()] - BIAS;
    if (offset >= BIAS && offset < 3 * BIAS) {
      memory(register, RBX, offset - 2 * BIAS);
    } else {
      memory(register, RBP, offset);
    }
  }

  /// A constant offset becomes the displacement; another is added to the register.
  private int offsetInto(int register, Value offset) {
    if (offset instanceof Value.Const(long constant, _) && constant == (int) constant) {
      return (int) constant;
    }
    load(RCX, offset);
    emit(0x48, 0x01, 0xC8 | register);                         // add register, rcx
    inRax = null;
    return 0;
  }

  /// ModRM for `[base+displacement]`.
  private void memory(int register, int base, int displacement) {
    if (displacement == (byte) displacement) {
      emit(0x40 | register << 3 | base, displacement & 0xFF);
    } else {
      emit(0x80 | register << 3 | base);
      emit32(displacement);
    }
  }

  private void place(Op.Label label) {
    endPiece();
    pieces.add(new Piece.Target(label));
    inRax = null;
  }

  private void branch(int condition, Op.Label to) {
    endPiece();
    pieces.add(new Piece.Branch(condition, to));
  }

  private void endPiece() {
    if (out.size() > 0) {
      pieces.add(new Piece.Bytes(out.toByteArray()));
      out.reset();
    }
  }

  private void emit(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
  }

  private void emit32(int value) {
    emit(value, value >>> 8, value >>> 16, value >>> 24);
  }

  /// Places the pieces: decides which jumps are long, then writes.
  private static final class Layout {
    private final List<Piece> pieces;
    private final boolean[] isLong;
    private final int[] start;
    /// By label: where its piece starts; -1 until it is placed.
    private final int[] targets;

    Layout(List<Piece> pieces, int labels) {
      this.pieces = pieces;
      this.isLong = new boolean[pieces.size()];
      this.start = new int[pieces.size() + 1];
      this.targets = new int[labels];
      Arrays.fill(targets, -1);
      do {
        place();
      } while (grow());
    }

    private void place() {
      int at = 0;
      for (int i = 0; i < pieces.size(); i++) {
        start[i] = at;
        Piece piece = pieces.get(i);
        if (piece instanceof Piece.Bytes bytes) {
          at += bytes.code().length;
        } else if (piece instanceof Piece.Target target) {
          targets[target.label().index()] = at;
        } else if (piece instanceof Piece.Branch branch) {
          at += branchBytes(branch.condition(), isLong[i]);
        }
      }
      start[pieces.size()] = at;
    }

    private static int branchBytes(int condition, boolean isLong) {
      if (condition == -2) {
        return 5;
      }
      return !isLong ? 2 : condition < 0 ? 5 : 6;
    }

    private boolean grow() {
      boolean grew = false;
      for (int i = 0; i < pieces.size(); i++) {
        if (pieces.get(i) instanceof Piece.Branch branch && branch.condition() != -2 && !isLong[i]
            && distance(i, branch) != (byte) distance(i, branch)) {
          isLong[i] = true;
          grew = true;
        }
      }
      return grew;
    }

    private int distance(int i, Piece.Branch branch) {
      int target = targets[branch.to().index()];
      if (target < 0) {
        throw new IllegalArgumentException("label not placed: " + branch.to().name());
      }
      return target - start[i + 1];
    }

    byte[] bytes() {
      var out = new ByteArrayOutputStream(start[pieces.size()]);
      for (int i = 0; i < pieces.size(); i++) {
        if (pieces.get(i) instanceof Piece.Bytes bytes) {
          out.writeBytes(bytes.code());
        } else if (pieces.get(i) instanceof Piece.Branch branch) {
          write(out, branch.condition(), distance(i, branch), isLong[i]);
        }
      }
      return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, int condition, int distance, boolean isLong) {
      if (!isLong && condition != -2) {
        out.write(condition < 0 ? 0xEB : 0x70 | condition);
        out.write(distance);
        return;
      }
      if (condition >= 0) {
        out.write(0x0F);
        out.write(0x80 | condition);
      } else {
        out.write(condition == -1 ? 0xE9 : 0xE8);
      }
      for (int shift = 0; shift < 32; shift += 8) {
        out.write(distance >>> shift);
      }
    }
  }
}
