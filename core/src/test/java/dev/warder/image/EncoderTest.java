package dev.warder.image;

import static dev.warder.image.Op.Operator.ADD;
import static dev.warder.image.Op.Operator.AND;
import static dev.warder.image.Op.Operator.DIVIDE;
import static dev.warder.image.Op.Operator.OR;
import static dev.warder.image.Op.Operator.REMAINDER;
import static dev.warder.image.Op.Operator.SHIFT_LEFT;
import static dev.warder.image.Op.Operator.SHIFT_RIGHT;
import static dev.warder.image.Op.Operator.SUB;
import static dev.warder.image.Op.Test.EQ;
import static dev.warder.image.Op.Test.GE;
import static dev.warder.image.Op.Test.GT;
import static dev.warder.image.Op.Test.LE;
import static dev.warder.image.Op.Test.LT;
import static dev.warder.image.Op.Test.NE;
import static dev.warder.image.Op.Width.BYTE;
import static dev.warder.image.Op.Width.INT;
import static dev.warder.image.Op.Width.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.x86_64.Encoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machine code as a disassembler reads it.
class EncoderTest {
  @TempDir
  Path folder;

  /// A piece of code and its instructions. Variables `x` and `y` are the first two, at `[rbp-0x80]` and `[rbp-0x78]`.
  private final Map<Consumer<Assembly>, String> table = new LinkedHashMap<>();

  private void row(String instructions, Consumer<Assembly> code) {
    table.put(code, instructions);
  }

  private static Value.Var x(Assembly a) {
    return a.var("x");
  }

  private static Value.Var y(Assembly a) {
    return a.var("y");
  }

  @Test
  void constantsTakeTheShortestEncoding() throws IOException, InterruptedException {
    row("push 0x5; pop QWORD PTR [rbp-0x80]", a -> a.set(x(a), 5));
    row("push 0x0; pop QWORD PTR [rbp-0x80]", a -> a.set(x(a), 0));
    row("push 0xffffffffffffffff; pop QWORD PTR [rbp-0x80]", a -> a.set(x(a), -1));
    row("push 0x7f; pop QWORD PTR [rbp-0x80]", a -> a.set(x(a), 127));
    row("push 0xffffffffffffff80; pop QWORD PTR [rbp-0x80]", a -> a.set(x(a), -128));
    row("mov DWORD PTR [rbp-0x80],0x80", a -> a.set(x(a), 128));
    row("mov QWORD PTR [rbp-0x80],0xffffffffffffff7f", a -> a.set(x(a), -129));
    row("mov DWORD PTR [rbp-0x80],0x7fffffff", a -> a.set(x(a), 0x7fffffffL));
    row("mov QWORD PTR [rbp-0x80],0xffffffff80000000", a -> a.set(x(a), Integer.MIN_VALUE));
    row("mov eax,0x80000000; mov QWORD PTR [rbp-0x80],rax", a -> a.set(x(a), 0x80000000L));
    row("mov eax,0xffffffff; mov QWORD PTR [rbp-0x80],rax", a -> a.set(x(a), 0xffffffffL));
    row("movabs rax,0x100000000; mov QWORD PTR [rbp-0x80],rax", a -> a.set(x(a), 0x100000000L));
    row("movabs rax,0x8000000000000000; mov QWORD PTR [rbp-0x80],rax", a -> a.set(x(a), Long.MIN_VALUE));
    row("movabs rax,0xffffffff7fffffff; mov QWORD PTR [rbp-0x80],rax", a -> a.set(x(a), Integer.MIN_VALUE - 1L));
    check();
  }

  @Test
  void valuesMoveThroughRax() throws IOException, InterruptedException {
    row("mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax", a -> {
      x(a);
      a.set(x(a), y(a));
    });
    // Data stands behind the ELF header and three program headers; buffers behind the one variable.
    row("mov DWORD PTR [rbp-0x80],0x4000e8", a -> a.set(x(a), a.text("text")));
    row("mov DWORD PTR [rbp-0x80],0x800008", a -> a.set(x(a), a.buffer("buffer", 8)));
    check();
  }

  @Test
  void resultsAreComputedInRax() throws IOException, InterruptedException {
    String load = "mov rax,QWORD PTR [rbp-0x80]; ";
    String y = "rax,QWORD PTR [rbp-0x78]";
    String toRcx = "mov rcx,QWORD PTR [rbp-0x78]; ";
    String store = "; mov QWORD PTR [rbp-0x80],rax";
    Map.of(ADD, "add " + y, SUB, "sub " + y, AND, "and " + y, OR, "or " + y, SHIFT_LEFT, toRcx + "shl rax,cl",
        SHIFT_RIGHT, toRcx + "shr rax,cl", DIVIDE, toRcx + "xor edx,edx; div rcx",
        REMAINDER, toRcx + "xor edx,edx; div rcx; mov rax,rdx")
        .forEach((operator, instructions) ->
            row(load + instructions + store, a -> a.compute(x(a), x(a), operator, y(a))));
    row("add QWORD PTR [rbp-0x80],0x8", a -> a.add(x(a), 8));
    row("add QWORD PTR [rbp-0x80],0xffffffffffffffff", a -> a.add(x(a), -1));
    row(load + "add rax,0x80" + store, a -> a.add(x(a), 128));
    row(load + "sub rax,0x3" + store, a -> a.compute(x(a), x(a), SUB, Value.of(3)));
    row(load + "or rax,0x3" + store, a -> a.compute(x(a), x(a), OR, Value.of(3)));
    row(load + "shl rax,0x3" + store, a -> a.compute(x(a), x(a), SHIFT_LEFT, Value.of(3)));
    row(load + "shr rax,0x20" + store, a -> a.compute(x(a), x(a), SHIFT_RIGHT, Value.of(32)));
    row("xor eax,eax; sub rax,QWORD PTR [rbp-0x80]" + store, a -> a.compute(x(a), Value.of(0), SUB, x(a)));
    row(load + "mov rcx,rax; add rax,rcx" + store, a -> a.compute(x(a), x(a), ADD, x(a)));
    row(load + "and rax,0xffffffff80000000" + store, a -> a.compute(x(a), x(a), AND, Value.of(Integer.MIN_VALUE)));
    row(load + "mov ecx,0x80000000; and rax,rcx" + store, a -> a.compute(x(a), x(a), AND, Value.of(0x80000000L)));
    check();
  }

  @Test
  void memoryIsReadZeroExtended() throws IOException, InterruptedException {
    String load = "mov rax,QWORD PTR [rbp-0x80]; ";
    String store = "; mov QWORD PTR [rbp-0x80],rax";
    row(load + "movzx eax,BYTE PTR [rax]" + store, a -> a.load(x(a), BYTE, x(a), 0));
    row(load + "mov eax,DWORD PTR [rax+0x4]" + store, a -> a.load(x(a), INT, x(a), 4));
    row(load + "mov rax,QWORD PTR [rax-0x8]" + store, a -> a.load(x(a), LONG, x(a), -8));
    row(load + "mov rax,QWORD PTR [rax+0x80]" + store, a -> a.load(x(a), LONG, x(a), 128));
    row(load + "add rax,QWORD PTR [rbp-0x78]; movzx eax,BYTE PTR [rax]" + store,
        a -> a.load(x(a), BYTE, x(a), y(a)));
    check();
  }

  @Test
  void memoryIsWrittenFromRdxOrRax() throws IOException, InterruptedException {
    String load = "mov rax,QWORD PTR [rbp-0x80]; ";
    row("mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax; mov DWORD PTR [rbp-0x70],eax", a -> {
      x(a);
      a.set(x(a), y(a));
      a.store(INT, a.buffer("buffer", 8), 0, x(a));
    });
    row(load + "push 0x41; pop rdx; mov BYTE PTR [rax],dl", a -> a.store(BYTE, x(a), 0, Value.of('A')));
    row(load + "push 0x41; pop rdx; mov DWORD PTR [rax+0x4],edx", a -> a.store(INT, x(a), 4, Value.of('A')));
    row(load + "xor edx,edx; mov QWORD PTR [rax-0x8],rdx", a -> a.store(LONG, x(a), -8, Value.of(0)));
    row(load + "add rax,QWORD PTR [rbp-0x78]; mov rdx,QWORD PTR [rbp-0x80]; mov BYTE PTR [rax],dl",
        a -> a.store(BYTE, x(a), y(a), x(a)));
    check();
  }

  @Test
  void jumpsCompareSigned() throws IOException, InterruptedException {
    Map.of(EQ, "je", NE, "jne", LT, "jl", LE, "jle", GT, "jg", GE, "jge").forEach((test, jump) ->
        row("cmp QWORD PTR [rbp-0x80],0xfffffffffffffffb; " + jump + " 0xa; hlt; ud2", a -> {
          Op.Label to = a.label("to");
          a.jumpIf(x(a), test, -5, to);
          a.abort();
          a.place(to);
        }));
    row("mov rax,QWORD PTR [rbp-0x80]; cmp rax,QWORD PTR [rbp-0x78]; je 0x0", a -> {
      Op.Label back = a.label("back");
      a.place(back);
      a.jumpIf(x(a), EQ, y(a), back);
    });
    row("cmp QWORD PTR [rbp-0x80],0x80; je 0x0", a -> {
      Op.Label back = a.label("back");
      a.place(back);
      a.jumpIf(x(a), EQ, 128, back);
    });
    String move = "mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax; ";
    Map.of(0L, "test rax,rax", 5L, "cmp rax,0x5", 128L, "cmp rax,0x80", 0x80000000L, "mov ecx,0x80000000; cmp rax,rcx")
        .forEach((value, compare) -> row(move + compare + "; je 0x0", a -> {
          Op.Label back = a.label("back");
          x(a);
          a.place(back);
          a.set(x(a), y(a));
          a.jumpIf(x(a), EQ, value, back);
        }));
    check();
  }

  @Test
  void callsTakeTheKernelsRegisters() throws IOException, InterruptedException {
    row("push 0x1; pop rdi; push 0x2; pop rsi; push 0x3; pop rdx; push 0x4; pop r10; push 0x5; pop r8; "
        + "push 0x6; pop r9; push 0x9; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax",
        a -> a.call(x(a), "mmap", 1, 2, 3, 4, 5, 6));
    row("xor edi,edi; mov rsi,QWORD PTR [rbp-0x80]; xor edx,edx; xor r10d,r10d; mov r8d,0x80; "
        + "mov r9,0xffffffff80000000; push 0x9; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax",
        a -> a.call(x(a), "mmap", 0, x(a), 0, 0, 128, Integer.MIN_VALUE));
    row("xor edi,edi; xor esi,esi; xor edx,edx; movabs r10,0x100000000; mov r8,QWORD PTR [rbp-0x80]; "
        + "push 0x9; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax",
        a -> a.call(x(a), "mmap", 0, 0, 0, 0x100000000L, x(a)));
    check();
  }

  /// The check is shared, but not by calls that return twice: a child on its parent's stack would overwrite where the
  /// parent is to return to.
  @Test
  void callsThatMustSucceedShareTheCheck() throws IOException, InterruptedException {
    row("push 0x27; pop rax; call rbx; push 0x6e; pop rax; call rbx; hlt; ud2; "
        + "syscall; mov QWORD PTR [rbp-0x80],rax; test rax,rax; js 0x0; ret", a -> {
      Op.Label failed = a.label("failed");
      a.place(failed);
      a.callOr(failed, x(a), "getpid");
      a.callOr(failed, x(a), "getppid");
      a.abort();
    });
    row("push 0x27; pop rax; call rbx; push 0x6e; pop rax; call 0x1c; hlt; ud2; "
        + "syscall; mov QWORD PTR [rbp-0x80],rax; test rax,rax; js 0x0; ret; "
        + "syscall; mov QWORD PTR [rbp-0x78],rax; test rax,rax; js 0x0; ret", a -> {
      Op.Label failed = a.label("failed");
      a.place(failed);
      a.callOr(failed, y(a), "getpid");
      a.callOr(failed, x(a), "getppid");
      a.abort();
    });
    row("push 0x38; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax; test rax,rax; js 0x0", a -> {
      Op.Label failed = a.label("failed");
      a.place(failed);
      a.callOr(failed, x(a), "clone");
    });
    check();
  }

  @Test
  void aResultIsNotLoadedAgain() throws IOException, InterruptedException {
    row("push 0x27; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax; mov QWORD PTR [rbp-0x78],rax; cmp rax,0x3; je 0x0; "
        + "mov rdi,rax; push 0x3c; pop rax; syscall; mov QWORD PTR [rbp-0x80],rax", a -> {
      Op.Label back = a.label("back");
      a.place(back);
      a.call(x(a), "getpid");
      a.set(y(a), x(a));
      a.jumpIf(y(a), EQ, 3, back);
      a.call(x(a), "exit", y(a));
    });
    row("add QWORD PTR [rbp-0x80],0x1; mov rax,QWORD PTR [rbp-0x80]; mov QWORD PTR [rbp-0x78],rax; "
        + "add QWORD PTR [rbp-0x78],0x1; mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax", a -> {
      a.add(x(a), 1);
      a.set(y(a), x(a));
      a.add(y(a), 1);
      a.set(x(a), y(a));
    });
    row("mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax; push 0x5; pop QWORD PTR [rbp-0x80]; "
        + "mov rax,QWORD PTR [rbp-0x80]; mov QWORD PTR [rbp-0x78],rax", a -> {
      a.set(x(a), y(a));
      a.set(x(a), 5);
      a.set(y(a), x(a));
    });
    row("mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax; mov rax,QWORD PTR [rbp-0x80]; "
        + "mov QWORD PTR [rbp-0x78],rax", a -> {
      a.set(x(a), y(a));
      a.place(a.label("here"));
      a.set(y(a), x(a));
    });
    check();
  }

  /// The upper half of a variable that only ever holds 32 bits is never written, so it stays zero.
  @Test
  void onlyWhatFitsIsStoredIn32Bits() throws IOException, InterruptedException {
    row("mov DWORD PTR [rbp-0x80],0x400; mov DWORD PTR [rbp-0x80],0x7fffffff", a -> {
      a.set(x(a), 0x400);
      a.set(x(a), Integer.MAX_VALUE);
    });
    row("mov QWORD PTR [rbp-0x80],0x400; mov QWORD PTR [rbp-0x80],0xffffffffffffff00", a -> {
      a.set(x(a), 0x400);
      a.set(x(a), -256);
    });
    row("mov QWORD PTR [rbp-0x80],0x400; mov rax,QWORD PTR [rbp-0x78]; mov QWORD PTR [rbp-0x80],rax", a -> {
      a.set(x(a), 0x400);
      a.set(x(a), y(a));
    });
    check();
  }

  @Test
  void aParameterIsHandedOverInARegister() throws IOException, InterruptedException {
    row("mov eax,0x400; call 0x12; ret; call 0x11; ret; ret; mov QWORD PTR [rbp-0x80],rax; jmp 0x11", a -> {
      Op.Label subroutine = a.label("subroutine");
      a.set(x(a), 0x400);
      a.invoke(subroutine);
      a.ret();
      a.invoke(subroutine);
      a.ret();
      a.place(subroutine);
      a.ret();
    });
    check();
  }

  @Test
  void theRestIsAsSmall() throws IOException, InterruptedException {
    row("mov ebp,0x800080; mov QWORD PTR [rbp-0x80],rsp; sub rsp,0x50", a -> a.enter(x(a), 72));
    row("mov ebp,0x800080; lea rbx,[rip+0x13] # 0x1f; mov QWORD PTR [rbp-0x80],rsp; sub rsp,0x0; push 0x27; pop rax; "
        + "call rbx; hlt; ud2; syscall; mov QWORD PTR [rbp-0x80],rax; test rax,rax; js 0x1c; ret", a -> {
      Op.Label failed = a.label("failed");
      a.enter(x(a), 0);
      a.callOr(failed, x(a), "getpid");
      a.place(failed);
      a.abort();
    });
    row("hlt; ud2", Assembly::abort);
    row("call 0x6; ret; ret", a -> {
      Op.Label subroutine = a.label("subroutine");
      a.invoke(subroutine);
      a.ret();
      a.place(subroutine);
      a.ret();
    });
    row("ret", a -> {
      a.note("a note is no code");
      a.ret();
    });
    check();
  }

  @Test
  void theVariablesUsedMostAreNear() throws IOException, InterruptedException {
    row("push 0x1; pop QWORD PTR [rbp-0x80]", a -> useBeside(a, 40, a.var("most"), 3));
    row("push 0x1; pop QWORD PTR [rbp+0x78]", a -> useBeside(a, 31, a.var("32nd"), 1));
    row("push 0x1; pop QWORD PTR [r13-0x80]", a -> useBeside(a, 32, a.var("33rd"), 1));
    row("push 0x1; pop QWORD PTR [r13+0x78]", a -> useBeside(a, 63, a.var("64th"), 1));
    row("push 0x1; pop QWORD PTR [r14-0x80]", a -> useBeside(a, 64, a.var("65th"), 1));
    row("push 0x1; pop QWORD PTR [r15+0x78]", a -> useBeside(a, 127, a.var("128th"), 1));
    row("push 0x1; pop QWORD PTR [r15+0x80]", a -> useBeside(a, 128, a.var("129th"), 1));
    check(2);
  }

  /// Names the variable so often, and others twice.
  private static void useBeside(Assembly a, int others, Value.Var var, int times) {
    for (int i = 0; i < times; i++) {
      a.set(var, 1);
    }
    for (int i = 0; i < others; i++) {
      a.set(a.var("other" + i), a.var("other" + i));
    }
  }

  @Test
  void jumpsAreLongOnlyWhereTheyMustBe() throws IOException, InterruptedException {
    for (int gap : new int[] {0, 42, 43, 200}) {
      var a = new Assembly();
      Op.Label end = a.label("end");
      Op.Label start = a.label("start");
      a.place(start);
      a.jump(end);
      for (int i = 0; i < gap; i++) {
        a.abort();                                 // 3 bytes
      }
      a.place(end);
      a.jump(start);
      a.jumpIf(a.var("x"), EQ, 0, start);
      List<String> lines = disassemble(a);
      byte[] code = Encoder.encode(a.finish(), Catalog.get().table(Arch.X86_64));
      boolean longForward = 3 * gap > 127;
      int forward = longForward ? 5 : 2;
      int jumpBack = forward + 3 * gap;
      boolean longBack = jumpBack + 2 > 128;
      assertThat(lines.getFirst()).isEqualTo("jmp 0x" + Integer.toHexString(jumpBack));
      assertThat(lines.get(lines.size() - 3)).isEqualTo("jmp 0x0");
      assertThat(lines.getLast()).isEqualTo("je 0x0");
      boolean longCompare = jumpBack + (longBack ? 5 : 2) + 5 + 2 > 128;
      assertThat(code).as("gap " + gap).hasSize(jumpBack + (longBack ? 5 : 2) + 5 + (longCompare ? 6 : 2));
    }
  }

  @Test
  void jumpsThatGrowPushOthersOutOfReach() throws IOException, InterruptedException {
    var a = new Assembly();
    Op.Label far = a.label("far");
    Op.Label near = a.label("near");
    a.jump(near);                                  // reaches only while the jumps between are short
    for (int i = 0; i < 60; i++) {
      a.jump(far);
    }
    a.place(near);
    for (int i = 0; i < 60; i++) {
      a.abort();
    }
    a.place(far);
    a.ret();
    List<String> lines = disassemble(a);
    int nearAt = 5 + 60 * 5;
    assertThat(lines.getFirst()).isEqualTo("jmp 0x" + Integer.toHexString(nearAt));
    assertThat(lines.subList(1, 61)).containsOnly("jmp 0x" + Integer.toHexString(nearAt + 180));
    assertThat(lines.getLast()).isEqualTo("ret");
  }

  @Test
  void mistakesAreRefused() {
    var table = Catalog.get().table(Arch.X86_64);
    var unknown = new Assembly();
    unknown.call(x(unknown), "socketcall");
    assertThatThrownBy(() -> Encoder.encode(unknown.finish(), table)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no system call socketcall on x86_64");
    var lost = new Assembly();
    lost.jump(lost.label("nowhere"));
    assertThatThrownBy(() -> Encoder.encode(lost.finish(), table)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label not placed: nowhere");
    var tooMany = new Assembly();
    assertThatThrownBy(() -> tooMany.call(x(tooMany), "read", 1, 2, 3, 4, 5, 6, 7)).hasMessageContaining("at most 6");
    assertThatThrownBy(() -> new Assembly().text("a\0b")).hasMessageContaining("NUL");
  }

  private void check() throws IOException, InterruptedException {
    check(Integer.MAX_VALUE);
  }

  /// Compares the first instructions of each row.
  private void check(int most) throws IOException, InterruptedException {
    var seen = new LinkedHashMap<String, String>();
    for (var row : table.entrySet()) {
      var a = new Assembly();
      row.getKey().accept(a);
      List<String> lines = disassemble(a);
      seen.put(row.getValue(), String.join("; ", lines.subList(0, Math.min(most, lines.size()))));
    }
    assertThat(List.copyOf(seen.values())).isEqualTo(List.copyOf(seen.keySet()));
  }

  private List<String> disassemble(Assembly a) throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("code"), Encoder.encode(a.finish(), Catalog.get().table(Arch.X86_64)));
    var result = Tools.run(folder, "objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel",
        "--no-show-raw-insn",
        file.toString());
    return new String(result.out(), StandardCharsets.UTF_8).lines().filter(line -> line.matches(" +[0-9a-f]+:\t.*"))
        .map(line -> line.replaceAll("^[^\t]*\t", "").replaceAll(" +", " ").strip()).toList();
  }
}
