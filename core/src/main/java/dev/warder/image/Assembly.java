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
  /// How many bytes at the end of the data are zero.
  private int zeros;
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
    return withNames(Arrays.copyOf(bytes, bytes.length + 1), "\"" + text + "\"");
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
    return constant(bytes, "\"" + text + "\"");
  }

  /// The address of these bytes. The kernel copies what it is given, so nothing need be aligned.
  public Value.Data bytes(byte[] bytes) {
    return bytes(bytes, STRUCTURE);
  }

  /// @param shown what a listing calls them
  public Value.Data bytes(byte[] bytes, String shown) {
    return constant(bytes, shown);
  }

  /// The address of paths or names, each with a NUL behind it, then one NUL more.
  public Value.Data paths(List<String> paths) {
    byte[] bytes = String.join("\0", paths).getBytes(StandardCharsets.UTF_8);
    return withNames(Arrays.copyOf(bytes, bytes.length + 2), STRUCTURE);
  }

  /// What stands behind a `/` is a text of its own, up to the NUL.
  private Value.Data withNames(byte[] bytes, String shown) {
    Value.Data data = constant(bytes, shown);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1)) {
      constants.putIfAbsent(text.substring(slash + 1, text.indexOf('\0', slash) + 1), data.offset() + slash + 1);
    }
    return data;
  }

  private Value.Data constant(byte[] bytes, String shown) {
    String key = new String(bytes, StandardCharsets.ISO_8859_1);
    Integer known = constants.get(key);
    if (known == null) {
      known = add(bytes);
      constants.put(key, known);
    }
    return new Value.Data(known, shown);
  }

  /// Zeros at the end of one constant may be the beginning of the next: structures are full of them.
  private int add(byte[] bytes) {
    int shared = 0;
    while (shared < zeros && shared < bytes.length && bytes[shared] == 0) {
      shared++;
    }
    int end = bytes.length;
    while (end > shared && bytes[end - 1] == 0) {
      end--;
    }
    int start = data.size() - shared;
    data.write(bytes, shared, bytes.length - shared);
    zeros = bytes.length - end + (end == shared ? zeros : 0);
    return start;
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

  /// The address of these texts for [Routines#tell], one behind the other, each behind its key; then a zero.
  ///
  /// @param keys bytes but zero
  public Value.Data messages(byte[] keys, List<String> texts) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < keys.length; i++) {
      bytes.write(keys[i]);
      bytes.writeBytes(pairs.encode(texts.get(i)));
      bytes.write(0);
    }
    bytes.write(0);
    return bytes(bytes.toByteArray());
  }

  /// The table that messages are read with.
  public Value.Data pairs() {
    return bytes(pairs.table());
  }

  /// Everything collected so far.
  public Code finish() {
    return new Code(ops, data.toByteArray(), vars.size(), bufferBytes, labels);
  }
}
