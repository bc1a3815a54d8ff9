package dev.warder.image;

import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.elf.ElfExecutable;
import dev.warder.image.x86_64.Encoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Emitted programs, executed: what they compute is what Java computes.
class EmittedProgramTest {
  private static final long[] EDGES = {
      0, 1, 2, 3, 31, 32, 63, 64, 127, 128, 255, 256, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L,
      Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, -2, -128, -129, Integer.MIN_VALUE, 0x0123456789abcdefL};

  @TempDir
  Path folder;

  private final Assembly a = new Assembly();
  private final Value.Var x = a.var("x");
  private final Value.Var y = a.var("y");
  private final Value.Var result = a.var("result");
  private final Value.Var unused = a.var("unused");
  private final Value.Buffer results = a.buffer("results", 64 * 1024);
  private final List<Long> expected = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  EmittedProgramTest() {
    a.enter(a.var("stack"), 0);
  }

  /// Keeps what is in [#result], to be compared with this.
  private void keep(String name, long value) {
    a.store(LONG, results, 8L * expected.size(), result);
    expected.add(value);
    names.add(name);
  }

  private void check() throws IOException, InterruptedException {
    a.call(unused, "write", 1, results, 8 * expected.size());
    a.call(unused, "exit_group", 7);
    a.abort();
    Tools.Result end = Tools.execute(folder, elf(a));
    assertThat(end.status()).isEqualTo(7);
    ByteBuffer seen = ByteBuffer.wrap(end.out()).order(ByteOrder.LITTLE_ENDIAN);
    var wrong = new ArrayList<String>();
    for (int i = 0; i < expected.size(); i++) {
      long value = seen.getLong();
      if (value != expected.get(i)) {
        wrong.add(names.get(i) + " is " + value + ", not " + expected.get(i));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(expected).isNotEmpty();
  }

  private static byte[] elf(Assembly a) {
    Code code = a.finish();
    byte[] machineCode = Encoder.encode(code, Catalog.get().table(Arch.X86_64));
    return new ElfExecutable(ElfExecutable.EM_X86_64, code.data(), machineCode, code.writableBytes()).bytes();
  }

  @ParameterizedTest
  @EnumSource
  void operatorsComputeAsJavaDoes(Op.Operator operator) throws IOException, InterruptedException {
    for (long left : EDGES) {
      for (long right : EDGES) {
        boolean divides = operator == Op.Operator.DIVIDE || operator == Op.Operator.REMAINDER;
        if (divides && right == 0) {
          continue;
        }
        String name = left + " " + operator + " " + right;
        long value = compute(left, operator, right);
        a.set(x, left);
        a.set(y, right);
        a.compute(result, x, operator, y);
        keep(name, value);
        a.set(result, left);
        a.compute(result, result, operator, Value.of(right));
        keep(name + " as a constant, in place", value);
        a.compute(result, Value.of(left), operator, y);
        keep(name + " from a constant", value);
      }
    }
    check();
  }

  private static long compute(long left, Op.Operator operator, long right) {
    return switch (operator) {
      case ADD -> left + right;
      case SUB -> left - right;
      case AND -> left & right;
      case OR -> left | right;
      case SHIFT_LEFT -> left << right;
      case SHIFT_RIGHT -> left >>> right;
      case DIVIDE -> Long.divideUnsigned(left, right);
      case REMAINDER -> Long.remainderUnsigned(left, right);
    };
  }

  @ParameterizedTest
  @EnumSource
  void comparisonsAreSigned(Op.Test test) throws IOException, InterruptedException {
    for (long left : EDGES) {
      for (long right : EDGES) {
        a.set(x, left);
        a.set(y, right);
        compare(x, test, y);
        keep(left + " " + test + " " + right, holds(left, test, right) ? 1 : 0);
        compare(x, test, Value.of(right));
        keep(left + " " + test + " constant " + right, holds(left, test, right) ? 1 : 0);
      }
    }
    check();
  }

  private void compare(Value left, Op.Test test, Value right) {
    Op.Label yes = a.label("yes");
    a.set(result, 1);
    a.jumpIf(left, test, right, yes);
    a.set(result, 0);
    a.place(yes);
  }

  private static boolean holds(long left, Op.Test test, long right) {
    return switch (test) {
      case EQ -> left == right;
      case NE -> left != right;
      case LT -> left < right;
      case LE -> left <= right;
      case GT -> left > right;
      case GE -> left >= right;
    };
  }

  @Test
  void memoryKeepsItsBytes() throws IOException, InterruptedException {
    Value.Buffer memory = a.buffer("memory", 512);
    long pattern = 0x8182838485868788L;
    for (long offset : new long[] {0, 8, 120, 128, 136, 256, 400}) {
      for (boolean constant : new boolean[] {true, false}) {
        a.set(x, memory);
        a.set(y, offset);
        Value at = constant ? Value.of(offset) : y;
        String where = " at " + (constant ? "constant " : "") + offset;
        a.store(LONG, x, at, Value.of(pattern));
        a.load(result, BYTE, x, at);
        keep("byte" + where, pattern & 0xFF);
        a.load(result, INT, x, at);
        keep("int" + where, pattern & 0xFFFFFFFFL);
        a.load(result, LONG, x, at);
        keep("long" + where, pattern);
        a.store(INT, memory, at, Value.of(-1));
        a.load(result, LONG, memory, at);
        keep("int kept" + where, pattern | 0xFFFFFFFFL);
        a.store(BYTE, memory, at, Value.of(0x1234));
        a.load(result, LONG, memory, at);
        keep("byte kept" + where, pattern & 0xFFFFFFFF00000000L | 0xFFFFFF34L);
      }
    }
    check();
  }

  @Test
  void dataIsWhereItsAddressSays() throws IOException, InterruptedException {
    byte[] text = "a text".getBytes(StandardCharsets.UTF_8);
    a.set(x, a.text("a text"));
    for (int i = 0; i <= text.length; i++) {
      a.load(result, BYTE, x, i);
      keep("letter " + i, i < text.length ? text[i] : 0);
    }
    a.load(result, LONG, a.bytes(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}), 0);
    keep("bytes", 0x0807060504030201L);
    check();
  }

  @Test
  void dataThatIsPartOfOtherDataTakesNoRoom() throws IOException, InterruptedException {
    Value.Data path = a.text("/ab/cd");
    a.bytes(new byte[] {1, 0, 0, 0, 0});
    Value.Data zeros = a.bytes(new byte[] {0, 0, 0, 2, 0});
    Value.Data paths = a.paths(List.of("/é/e", "f"));
    assertThat(a.text("cd").offset()).isEqualTo(path.offset() + 4);
    assertThat(a.text("ab/cd").offset()).isEqualTo(path.offset() + 1);
    assertThat(a.text("e").offset()).isEqualTo(paths.offset() + 4);
    assertThat(zeros.offset()).isEqualTo(path.offset() + 7 + 2);
    assertThat(paths.offset()).isEqualTo(zeros.offset() + 5);
    Value.Data none = a.bytes(new byte[2]);
    assertThat(none.offset()).isEqualTo(paths.offset() + 7);
    a.load(result, INT, zeros, 0);
    keep("zeros, then two", 0x02000000);
    a.load(result, INT, a.text("e"), 0);
    keep("e, f", 'e' | 'f' << 16);
    check();
  }

  @Test
  void subroutinesComeBack() throws IOException, InterruptedException {
    Op.Label twice = a.label("twice");
    Op.Label once = a.label("once");
    Op.Label main = a.label("main");
    a.jump(main);
    a.place(twice);
    a.invoke(once);
    a.invoke(once);
    a.ret();
    a.place(once);
    a.add(result, 1);
    a.ret();
    a.place(main);
    a.invoke(twice);
    a.invoke(twice);
    keep("four calls", 4);
    check();
  }

  @Test
  void systemCallsTakeSixArgumentsAndTellTheirErrors() throws IOException, InterruptedException {
    Op.Label wrong = a.label("wrong");
    Op.Label right = a.label("right");
    Op.Label end = a.label("end");
    // An anonymous mapping at an address of one's own choice needs all six.
    a.callOr(wrong, result, "mmap", 0x10000000L, 4096, 3, 0x100032, -1, 0);
    keep("address", 0x10000000L);
    a.store(LONG, result, 4088, Value.of(5));
    a.load(result, LONG, result, 4088);
    keep("memory", 5);
    a.callOr(right, result, "close", -1);
    a.place(wrong);
    a.set(result, 0);
    a.jump(end);
    a.place(right);
    a.place(end);
    keep("error of close", -9);
    check();
  }

  @Test
  void argumentsStandOnTheStack() throws IOException, InterruptedException {
    Value.Var stack = a.var("stack");
    a.load(result, LONG, stack, 0);
    keep("argc", 1);
    a.load(x, LONG, stack, 8);
    a.load(result, BYTE, x, 0);
    keep("first letter of the path", '/');
    a.load(result, LONG, stack, 16);
    keep("end of the arguments", 0);
    check();
  }

  @Test
  void manyVariablesKeepApart() throws IOException, InterruptedException {
    for (int i = 0; i < 300; i++) {
      a.set(a.var("many" + i), 1000 + i);
    }
    for (int i = 0; i < 300; i++) {
      a.set(result, a.var("many" + i));
      keep("variable " + i, 1000 + i);
    }
    check();
  }

  @Test
  void abortEndsByASignal() throws IOException, InterruptedException {
    a.abort();
    assertThat(Tools.execute(folder, elf(a)).status()).isEqualTo(128 + 11);
  }

  @Test
  void theFileIsStaticAndNothingInItIsWritableAndExecutable() throws IOException, InterruptedException {
    a.text("some data");
    a.ret();
    Path file = Files.write(folder.resolve("elf"), elf(a));
    String headers = new String(Tools.run(folder, "readelf", "-lW", file.toString()).out(), StandardCharsets.UTF_8);
    assertThat(headers).contains("EXEC (Executable file)", "There are 3 program headers")
        .doesNotContain("INTERP", "DYNAMIC", "RWE");
    var segments = headers.lines().filter(line -> line.matches(" +(LOAD|GNU_STACK).*"))
        .map(line -> line.strip().replaceAll(" +", " "))
        .map(line -> line.replaceAll("^(\\w+) .* (R.*) 0x\\w+$", "$1 $2")).toList();
    assertThat(segments).containsExactly("LOAD R E", "LOAD RW", "GNU_STACK RW");
    String whole = new String(Tools.run(folder, "readelf", "-hSdW", file.toString()).out(), StandardCharsets.UTF_8);
    assertThat(whole).contains("Advanced Micro Devices X86-64", "There are no sections in this file",
        "There is no dynamic section");
  }
}
