package dev.warder.image.x86_64;

import dev.warder.catalog.SyscallTable;
import dev.warder.image.Code;
import dev.warder.image.Op;
import dev.warder.image.Value;
import dev.warder.image.elf.ElfExecutable;
import dev.warder.image.x86_64.Layout.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Portable code as x86-64 machine code.
///
/// Each operation loads what it reads into registers, works, and stores its result. Only `rbp`, `r13` to `r15` and `rbx`
/// last, which the kernel preserves: addresses among the variables, and of the code that checks a system call. Images
/// shall be small, so the shortest usual encoding is taken, most variables lie within reach of an 8-bit displacement, a
/// result still in `rax` is not loaded again, system calls that must succeed share the check, and jumps start out short
/// and grow until all reach; growing is monotonic, so the loop ends.
///
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2; x86-64 psABI 1.0, appendix A.2.1 for
/// the system call registers. The tests compare the encodings with a disassembler's reading.
public final class Encoder {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  private static final int[] ARGUMENTS = {RDI, RSI, RDX, 10, 8, 9};

  /// Each points to the middle of 32 variables, so that these are within an 8-bit displacement; the last one serves the
  /// variables behind too. By falling use: `rbp` needs no prefix for some instructions.
  private static final int[] BASES = {RBP, 13, 14, 15};

  private static final int BASE_VARIABLES = 32;
  private static final int REX_W = 0x48;

  private final SyscallTable numbers;
  private final int variableBytes;
  private final int[] slots;

  /// By variable: whether it is only ever set to constants from 0 to 2³¹-1.
  private final boolean[] isSmall;
  private final List<Piece> pieces = new ArrayList<>();
  private final List<Checked> checked = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  /// The piece that is being made, and its length.
  private byte[] out = new byte[256];
  private int length;
  private int labels;

  /// The variable whose value is in `rax` too, or null.
  private Value.Var inRax;

  /// A subroutine of the encoder's own: the system call, its result stored, and on to a label if that is negative. `rbx`
  /// holds the address of the first.
  private record Checked(Value.Var result, Op.Label onError, Op.Label place) {}

  /// A subroutine's entry of the encoder's own: stores `rax` in the parameter first.
  private record Entry(Value.Var parameter, Op.Label subroutine, Op.Label place) {}

  private Encoder(Code code, SyscallTable numbers) {
    this.numbers = numbers;
    this.variableBytes = 8 * code.variables();
    this.slots = code.variablesByUse();
    this.labels = code.labels();
    this.isSmall = smallVariables(code);
    for (Op op : code.ops()) {
      if (op instanceof Op.SystemCall call && sharesCheck(call)) {
        checked(call.result(), call.onError().get());
        break;
      }
    }
  }

  private boolean[] smallVariables(Code code) {
    var small = new boolean[code.variables()];
    Arrays.fill(small, true);
    for (Op op : code.ops()) {
      Value.Var written = written(op);
      if (written != null) {
        Long value = op instanceof Op.Set set ? constant(set.from()) : null;
        small[written.index()] &= value != null && value >= 0 && value <= Integer.MAX_VALUE;
      }
    }
    return small;
  }

  private static Value.Var written(Op op) {
    if (op instanceof Op.Set set) {
      return set.to();
    } else if (op instanceof Op.Compute compute) {
      return compute.to();
    } else if (op instanceof Op.Load load) {
      return load.to();
    } else if (op instanceof Op.SystemCall call) {
      return call.result();
    } else if (op instanceof Op.Enter enter) {
      return enter.stack();
    }
    return null;
  }

  /// The machine code, to be loaded at [ElfExecutable#codeAddress] for the code's data.
  ///
  /// @throws IllegalArgumentException if the code names a system call that x86-64 lacks or jumps to a label not placed
  public static byte[] encode(Code code, SyscallTable numbers) {
    var encoder = new Encoder(code, numbers);
    List<Op> ops = code.ops();
    for (int i = 0; i < ops.size(); i++) {
      if (i + 1 < ops.size() && ops.get(i) instanceof Op.Set set && ops.get(i + 1) instanceof Op.Invoke invoke) {
        encoder.invokeWith(set, invoke.subroutine());
        i++;
      } else {
        encoder.encode(ops.get(i));
      }
    }
    encoder.emitChecked();
    encoder.emitEntries();
    encoder.endPiece();
    return new Layout(encoder.pieces, encoder.labels).bytes();
  }

  private void encode(Op op) {
    if (op instanceof Op.Note) {
      // nothing to do
    } else if (op instanceof Op.Label label) {
      place(label);
    } else if (op instanceof Op.Jump(Op.Label to)) {
      branch(Piece.Branch.JUMP, to);
    } else if (op instanceof Op.JumpIf(Value left, Op.Test test, Value right, Op.Label to)) {
      compare(left, right);
      branch(condition(test), to);
    } else if (op instanceof Op.Set(Value.Var to, Value from)) {
      set(to, from);
    } else if (op instanceof Op.Compute(Value.Var to, Value left, Op.Operator operator, Value right)) {
      compute(to, left, operator, right);
    } else if (op instanceof Op.Load(Value.Var to, Op.Width width, Value address, Value offset)) {
      Place place = place(address, offset);
      switch (width) {
        case BYTE -> emit(0x0F, 0xB6);                       // movzx eax, byte [place]
        case INT -> emit(0x8B);                              // mov eax, [place]
        case LONG -> emit(0x48, 0x8B);
      }
      memory(RAX, place.base(), place.displacement());
      store(to, RAX);
    } else if (op instanceof Op.Store(Op.Width width, Value address, Value offset, Value from)) {
      Place place = place(address, offset);
      int register = from == inRax ? RAX : RDX;
      load(register, from);
      switch (width) {
        case BYTE -> emit(0x88);                             // mov [place], dl
        case INT -> emit(0x89);
        case LONG -> emit(0x48, 0x89);
      }
      memory(register, place.base(), place.displacement());
    } else if (op instanceof Op.SystemCall(Value.Var result, String name, List<Value> args, var onError)) {
      prepareCall(name, args);
      if (sharesCheck((Op.SystemCall) op)) {
        invoke(checked(result, onError.get()));
        inRax = result;
      } else {
        makeCall(result);
        if (onError.isPresent()) {
          jumpIfNegative(onError.get());
        }
      }
    } else if (op instanceof Op.Invoke(Op.Label subroutine)) {
      branch(Piece.Branch.CALL, subroutine);
      inRax = null;
    } else if (op instanceof Op.Return) {
      emit(0xC3);
    } else if (op instanceof Op.Enter(Value.Var stack, int reserved)) {
      enter(stack, reserved);
    } else if (op instanceof Op.Abort) {
      emit(0xF4, 0x0F, 0x0B);               // hlt, a fault outside the kernel; ud2
    } else {
      throw new AssertionError(op);
    }
  }

  private void enter(Value.Var stack, int reservedBytes) {
    for (int i = 0; i < BASES.length && i * BASE_VARIABLES < slots.length; i++) {
      loadConstant(BASES[i], baseAddress(i));
    }
    if (!checked.isEmpty()) {
      branch(Piece.Branch.ADDRESS_TO_RBX, checked.getFirst().place());
    }
    store(stack, RSP);
    emit(0x48, 0x81, 0xEC);                                  // sub rsp, imm32
    emit32((reservedBytes + 15) & -16);
  }

  private void prepareCall(String name, List<Value> args) {
    OptionalInt number = numbers.number(name);
    if (number.isEmpty()) {
      throw new IllegalArgumentException("no system call " + name + " on " + numbers.arch());
    }
    for (int i = 0; i < args.size(); i++) {
      load(ARGUMENTS[i], args.get(i));
    }
    loadConstant(RAX, number.getAsInt());
  }

  /// Calls that return twice, maybe on one stack, do not: a return address there would not outlive the child's own calls.
  private static boolean sharesCheck(Op.SystemCall call) {
    return call.onError().isPresent() && !call.name().startsWith("clone");
  }

  private void invoke(Op.Label place) {
    if (place == checked.getFirst().place()) {
      emit(0xFF, 0xD3);                                      // call rbx
    } else {
      branch(Piece.Branch.CALL, place);
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
    if (left == inRax && Long.valueOf(0).equals(constant(right))) {
      emit(0x48, 0x85, 0xC0);                                  // test rax, rax
    } else if (left == inRax && isByte(right)) {
      emit(0x48, 0x83, 0xF8);                                  // cmp rax, imm8
      emitByte(right);
    } else if (left instanceof Value.Var var && isByte(right)) {
      variable(REX_W, 0x83, 7, var);                           // cmp qword [variable], imm8
      emitByte(right);
    } else if (left instanceof Value.Var var && left != inRax && isInt(right)) {
      variable(REX_W, 0x81, 7, var);                           // cmp qword [variable], imm32
      emit32(constant(right).intValue());
    } else {
      load(RAX, left);
      if (right instanceof Value.Var var) {
        variable(REX_W, 0x3B, RAX, var);                       // cmp rax, [variable]
      } else if (isInt(right)) {
        emit(0x48, 0x3D);                                      // cmp rax, imm32
        emit32(constant(right).intValue());
      } else {
        load(RCX, right);
        emit(0x48, 0x39, 0xC8);                                // cmp rax, rcx
      }
    }
  }

  /// A parameter set just before the call is stored by an entry that all such calls share.
  private void invokeWith(Op.Set parameter, Op.Label subroutine) {
    load(RAX, parameter.from());
    branch(Piece.Branch.CALL, entry(parameter.to(), subroutine));
    inRax = null;
  }

  private Op.Label entry(Value.Var parameter, Op.Label subroutine) {
    for (Entry known : entries) {
      if (known.parameter() == parameter && known.subroutine() == subroutine) {
        return known.place();
      }
    }
    var made = new Entry(parameter, subroutine, new Op.Label("entry " + entries.size(), labels++));
    entries.add(made);
    return made.place();
  }

  private void emitEntries() {
    for (Entry entry : entries) {
      place(entry.place());
      store(entry.parameter(), RAX);
      branch(Piece.Branch.JUMP, entry.subroutine());
    }
  }

  private static boolean isByte(Value value) {
    return value instanceof Value.Const(long constant, _) && constant == (byte) constant;
  }

  private boolean isInt(Value value) {
    return constant(value) instanceof Long constant && constant == constant.intValue();
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
      variable(REX_W, 0x83, 0, to);                            // add qword [variable], imm8
      emitByte(right);
      forget(to);
      return;
    }
    load(RAX, left);
    switch (operator) {
      case ADD -> add(0x01, right);
      case OR -> add(0x09, right);
      case AND -> add(0x21, right);
      case SUB -> add(0x29, right);
      case SHIFT_LEFT -> shift(0xE0, right);
      case SHIFT_RIGHT -> shift(0xE8, right);
      case DIVIDE, REMAINDER -> {
        load(RCX, right);
        emit(0x31, 0xD2, 0x48, 0xF7, 0xF1);                    // xor edx, edx; div rcx
        if (operator == Op.Operator.REMAINDER) {
          emit(0x48, 0x89, 0xD0);                              // mov rax, rdx
        }
      }
    }
    store(to, RAX);
  }

  /// `op rax, right` of an operation encoded as addition is.
  ///
  /// @param opcode of the form `op rax, rcx`
  private void add(int opcode, Value right) {
    if (right instanceof Value.Var var && var != inRax) {
      variable(REX_W, opcode + 2, RAX, var);                   // op rax, [variable]
    } else if (isByte(right)) {
      emit(0x48, 0x83, 0xC0 + opcode - 1);                     // op rax, imm8
      emitByte(right);
    } else if (isInt(right)) {
      emit(0x48, opcode + 4);                                  // op rax, imm32
      emit32(constant(right).intValue());
    } else {
      load(RCX, right);
      emit(0x48, opcode, 0xC8);                                // op rax, rcx
    }
  }

  private void shift(int operation, Value right) {
    if (isByte(right)) {
      emit(0x48, 0xC1, operation);                             // op rax, imm8
      emitByte(right);
    } else {
      load(RCX, right);
      emit(0x48, 0xD3, operation);                             // op rax, cl
    }
  }

  private void set(Value.Var to, Value from) {
    if (isByte(from)) {
      emit(0x6A);                                              // push imm8; pop qword [variable]
      emitByte(from);
      variable(0, 0x8F, 0, to);
      forget(to);
    } else if (constant(from) instanceof Long value && value == value.intValue()) {
      // Of a variable that never holds more than 32 bits the upper half stays zero.
      variable(isSmall[to.index()] && value >= 0 ? 0 : REX_W, 0xC7, 0, to);   // mov [variable], imm32
      emit32(value.intValue());
      forget(to);
    } else {
      load(RAX, from);
      store(to, RAX);
    }
  }

  private void store(Value.Var to, int register) {
    variable(REX_W, 0x89, register, to);
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
      variable(REX_W | high(register) << 2, 0x8B, register & 7, var);
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

  /// An instruction on the memory of a variable.
  ///
  /// @param rex the prefix, 0 for none
  private void variable(int rex, int opcode, int register, Value.Var var) {
    int slot = slots[var.index()];
    int base = Math.min(slot / BASE_VARIABLES, BASES.length - 1);
    int prefix = BASES[base] >= 8 ? rex | 0x41 : rex;
    if (prefix != 0) {
      emit(prefix);
    }
    emit(opcode);
    memory(register, BASES[base] & 7, 8 * (slot - base * BASE_VARIABLES - BASE_VARIABLES / 2));
  }

  /// Where an operation reads or writes memory.
  private record Place(int base, int displacement) {}

  /// What is at the same address in every run is within reach of `rbp`; another address is loaded into `rax`.
  private Place place(Value address, Value offset) {
    boolean isNear = offset instanceof Value.Const(long distance, _) && distance == (int) distance;
    if (isNear && !(address instanceof Value.Const) && constant(address) instanceof Long start) {
      return new Place(RBP, (int) (start + ((Value.Const) offset).value() - baseAddress(0)));
    }
    if (!(address instanceof Value.Const) && constant(address) instanceof Long start) {
      load(RAX, offset);
      return new Place(RAX, start.intValue());
    }
    load(RAX, address);
    if (isNear) {
      return new Place(RAX, (int) ((Value.Const) offset).value());
    }
    add(0x01, offset);
    inRax = null;
    return new Place(RAX, 0);
  }

  private static long baseAddress(int base) {
    return ElfExecutable.WRITABLE_ADDRESS + 8L * (base * BASE_VARIABLES + BASE_VARIABLES / 2);
  }

  /// ModRM for `[base+displacement]`.
  private void memory(int register, int base, int displacement) {
    if (displacement == 0 && base == RAX) {
      emit(register << 3);
    } else if (displacement == (byte) displacement) {
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
    if (length > 0) {
      pieces.add(new Piece.Bytes(Arrays.copyOf(out, length)));
      length = 0;
    }
  }

  private void emit(int... bytes) {
    for (int b : bytes) {
      emit(b);
    }
  }

  private void emit(int b) {
    if (length == out.length) {
      out = Arrays.copyOf(out, 2 * length);
    }
    out[length++] = (byte) b;
  }

  private void emit32(int value) {
    emit(value);
    emit(value >>> 8);
    emit(value >>> 16);
    emit(value >>> 24);
  }
}
