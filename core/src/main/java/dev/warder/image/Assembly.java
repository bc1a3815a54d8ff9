package dev.warder.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Collects operations, variables and data, to be encoded in one go.
///
/// Equal data is stored once, so steps may repeat the same words. Addresses are known only after [#finish], hence
/// [Value.Data] and [Value.Buffer] are offsets.
final class Assembly {
  private static final String STRUCTURE = "{…}";
  private static final byte[] NOTHING = {};

  private final List<Op> ops = new ArrayList<>();
  private final Map<String, Value.Var> vars = new HashMap<>();
  private final Map<String, Value.Buffer> buffers = new HashMap<>();
  private final Map<String, Integer> constants = new HashMap<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();
  private final BytePairs pairs = new BytePairs();
  private int bufferBytes;
  private int labels;

  /// The variable of this name, made on first use.
  public Value.Var var(String name) {
    Value.Var var = vars.get(name);
    if (var == null) {
      var = new Value.Var(name, vars.size());
      vars.put(name, var);
    }
    return var;
  }

  /// The writable bytes of this name, made on first use; 8-byte aligned.
  public Value.Buffer buffer(String name, int byteSize) {
    Value.Buffer buffer = buffers.get(name);
    if (buffer == null) {
      buffer = new Value.Buffer(name, bufferBytes, byteSize);
      buffers.put(name, buffer);
      bufferBytes += (byteSize + 7) & -8;
    }
    return buffer;
  }

  /// The address of this text with a NUL behind it.
  ///
  /// @throws IllegalArgumentException if the text holds a NUL, which would cut it short
  public Value.Data text(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("text with a NUL: " + text.replace("\0", "\\0"));
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return constant(Arrays.copyOf(bytes, bytes.length + 1), 1, "\"" + text + "\"");
  }

  /// The address of this text for [Routines#tell].
  public Value.Data message(String text) {
    return message(text, NOTHING);
  }

  /// The same with these bytes behind it.
  public Value.Data message(String text, byte[] more) {
    byte[] coded = pairs.encode(text);
    byte[] bytes = Arrays.copyOf(coded, coded.length + 1 + more.length);
    System.arraycopy(more, 0, bytes, coded.length + 1, more.length);
    return constant(bytes, 1, "\"" + text + "\"");
  }

  /// The address of these bytes, 8-byte aligned, as the kernel's structures are.
  public Value.Data bytes(byte[] bytes) {
    return constant(bytes, 8, STRUCTURE);
  }

  /// The address of these bytes, wherever there is room.
  public Value.Data packed(byte[] bytes) {
    return packed(bytes, STRUCTURE);
  }

  /// @param shown what a listing calls them
  public Value.Data packed(byte[] bytes, String shown) {
    return constant(bytes, 1, shown);
  }

  private Value.Data constant(byte[] bytes, int alignment, String shown) {
    String key = new String(bytes, StandardCharsets.ISO_8859_1);
    Integer known = constants.get(key);
    if (known == null || known % alignment != 0) {
      while (data.size() % alignment != 0) {
        data.write(0);
      }
      known = data.size();
      data.writeBytes(bytes);
      constants.put(key, known);
    }
    return new Value.Data(known, shown);
  }

  public Op.Label label(String name) {
    return new Op.Label(name, labels++);
  }

  public void place(Op.Label label) {
    ops.add(label);
  }

  public void note(String what) {
    ops.add(new Op.Note(what));
  }

  public void enter(Value.Var stack, int reservedBytes) {
    ops.add(new Op.Enter(stack, reservedBytes));
  }

  public void jump(Op.Label to) {
    ops.add(new Op.Jump(to));
  }

  public void jumpIf(Value left, Op.Test test, long right, Op.Label to) {
    jumpIf(left, test, Value.of(right), to);
  }

  public void jumpIf(Value left, Op.Test test, Value right, Op.Label to) {
    ops.add(new Op.JumpIf(left, test, right, to));
  }

  public void set(Value.Var to, Value from) {
    ops.add(new Op.Set(to, from));
  }

  public void set(Value.Var to, long from) {
    set(to, Value.of(from));
  }

  public void compute(Value.Var to, Value left, Op.Operator operator, Value right) {
    ops.add(new Op.Compute(to, left, operator, right));
  }

  public void add(Value.Var to, long amount) {
    compute(to, to, Op.Operator.ADD, Value.of(amount));
  }

  public void load(Value.Var to, Op.Width width, Value address, Value byteOffset) {
    ops.add(new Op.Load(to, width, address, byteOffset));
  }

  public void load(Value.Var to, Op.Width width, Value address, long byteOffset) {
    load(to, width, address, Value.of(byteOffset));
  }

  public void store(Op.Width width, Value address, Value byteOffset, Value from) {
    ops.add(new Op.Store(width, address, byteOffset, from));
  }

  public void store(Op.Width width, Value address, long byteOffset, Value from) {
    store(width, address, Value.of(byteOffset), from);
  }

  /// A system call; arguments are values, whole numbers or text.
  public void call(Value.Var result, String name, Object... args) {
    ops.add(new Op.SystemCall(result, name, values(args), Optional.empty()));
  }

  /// A system call that jumps if it fails.
  public void callOr(Op.Label onError, Value.Var result, String name, Object... args) {
    ops.add(new Op.SystemCall(result, name, values(args), Optional.of(onError)));
  }

  private List<Value> values(Object... args) {
    var values = new ArrayList<Value>(args.length);
    for (Object arg : args) {
      if (arg instanceof Value value) {
        values.add(value);
      } else if (arg instanceof Number number) {
        values.add(Value.of(number.longValue()));
      } else {
        values.add(text((String) arg));
      }
    }
    return values;
  }

  public void invoke(Op.Label subroutine) {
    ops.add(new Op.Invoke(subroutine));
  }

  public void ret() {
    ops.add(new Op.Return());
  }

  public void abort() {
    ops.add(new Op.Abort());
  }

  /// The address of these texts for [Routines#tell], one behind the other.
  public Value.Data messages(List<String> texts) {
    var bytes = new ByteArrayOutputStream();
    for (String text : texts) {
      bytes.writeBytes(pairs.encode(text));
      bytes.write(0);
    }
    return packed(bytes.toByteArray());
  }

  /// The table that messages are read with.
  public Value.Data pairs() {
    return packed(pairs.table());
  }

  /// Everything collected so far.
  public Code finish() {
    return new Code(ops, data.toByteArray(), vars.size(), bufferBytes, labels);
  }
}
