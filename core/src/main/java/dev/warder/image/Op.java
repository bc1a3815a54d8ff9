package dev.warder.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One operation of the portable code that an image is made of.
///
/// It is a machine so small that an encoder for a new architecture is an afternoon's work: 64-bit variables in memory, a
/// dozen operations, the system call. No operation hands another anything but by variables. What the code does is
/// paid for by the kernel, so nothing here is optimised.
///
/// Neither here nor elsewhere on the way of `warder run` are there switches over types, lambdas, or records compared and
/// hashed: each costs a new JVM one to ten milliseconds to link, which no AOT cache saves. The chains of `instanceof` in
/// place of switches end in an error.
public sealed interface Op {
  /// Begins a step of the plan; no code. For listings.
  record Note(String what) implements Op {}

  /// A place to jump to.
  ///
  /// @param name for listings
  /// @param index position among the labels, counted from 0
  record Label(String name, int index) implements Op {}

  record Jump(Label to) implements Op {}

  /// Jumps if the comparison, signed, holds.
  record JumpIf(Value left, Test test, Value right, Label to) implements Op {
    @Override
    public List<Value> values() {
      return List.of(left, right);
    }
  }

  record Set(Value.Var to, Value from) implements Op {
    @Override
    public List<Value> values() {
      return List.of(to, from);
    }
  }

  /// `to = left operator right`, wrapping; divisions are unsigned.
  record Compute(Value.Var to, Value left, Operator operator, Value right) implements Op {
    @Override
    public List<Value> values() {
      return List.of(to, left, right);
    }
  }

  /// Reads from memory, zero-extended.
  record Load(Value.Var to, Width width, Value address, Value byteOffset) implements Op {
    @Override
    public List<Value> values() {
      return List.of(to, address, byteOffset);
    }
  }

  record Store(Width width, Value address, Value byteOffset, Value from) implements Op {
    @Override
    public List<Value> values() {
      return List.of(address, byteOffset, from);
    }
  }

  /// A system call by its kernel name. The result is `-errno` on failure, as the kernel returns it.
  ///
  /// @param args at most six
  /// @param onError where to go on a negative result; empty to go on all the same
  record SystemCall(Value.Var result, String name, List<Value> args, Optional<Label> onError) implements Op {
    public SystemCall {
      args = List.copyOf(args);
      if (args.size() > 6) {
        throw new IllegalArgumentException("a system call takes at most 6 arguments, got " + args.size());
      }
    }

    @Override
    public List<Value> values() {
      var values = new ArrayList<>(args);
      values.add(result);
      return values;
    }
  }

  record Invoke(Label subroutine) implements Op {}

  record Return() implements Op {}

  /// The first operation: the address of `argc` goes to `stack`, and room is kept below it for words put before the
  /// arguments.
  record Enter(Value.Var stack, int reservedBytes) implements Op {
    @Override
    public List<Value> values() {
      return List.of(stack);
    }
  }

  /// Ends the process with a fault, for where even exit may be refused.
  record Abort() implements Op {}

  /// All values that the operation reads or writes.
  default List<Value> values() {
    return List.of();
  }

  enum Test {
    EQ, NE, LT, LE, GT, GE
  }

  enum Operator {
    ADD, SUB, AND, OR, SHIFT_LEFT, SHIFT_RIGHT, DIVIDE, REMAINDER
  }

  enum Width {
    BYTE, INT, LONG
  }
}
