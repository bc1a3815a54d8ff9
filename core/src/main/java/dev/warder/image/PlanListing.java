package dev.warder.image;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// A plan as text: each step and, indented, its system calls in the order of the code.
///
/// The text is made from the very code that becomes the image, by following it from its start; where it calls a
/// subroutine, the subroutine's system calls stand there with the values they are given. What depends on the host, such
/// as whether a folder is a link, is decided at start, so the calls of both ways are listed. The way of failures is not.
public final class PlanListing {
  private final List<Op> ops;
  private final Map<Op.Label, Integer> places = new HashMap<>();
  private final Map<Value.Var, Value> known = new HashMap<>();
  private final Map<Value.Buffer, SortedMap<Long, String>> fields = new HashMap<>();
  private final Set<Op.Label> followed = new HashSet<>();
  private final Map<String, List<String>> callsByStep = new LinkedHashMap<>();

  private PlanListing(Code code) {
    this.ops = code.ops();
    for (int i = 0; i < ops.size(); i++) {
      if (ops.get(i) instanceof Op.Label label) {
        places.put(label, i);
      }
    }
  }

  public static String of(Code code) {
    var listing = new PlanListing(code);
    listing.follow(0, "start");
    var out = new StringBuilder();
    for (var step : listing.callsByStep.entrySet()) {
      out.append(step.getKey()).append('\n');
      for (String call : step.getValue()) {
        out.append("    ").append(call).append('\n');
      }
    }
    return out.toString();
  }

  /// Lists what can be reached from an operation up to a return, each operation once: straight on first, then the branches.
  ///
  /// @param outerStep the step that is under way
  private void follow(int start, String outerStep) {
    var seen = new HashSet<Integer>();
    var branches = new ArrayDeque<Integer>();
    branches.push(start);
    while (!branches.isEmpty()) {
      int i = branches.pop();
      while (i < ops.size() && !isFailure(i) && seen.add(i)) {
        Op op = ops.get(i);
        list(op, step(start, i, outerStep));
        i = switch (op) {
          case Op.Jump(Op.Label to) -> places.get(to);
          case Op.Return(), Op.Abort() -> ops.size();
          default -> i + 1;
        };
        if (op instanceof Op.JumpIf branch) {
          branches.addLast(places.get(branch.to()));
        }
      }
    }
  }

  private boolean isFailure(int i) {
    return ops.get(i) instanceof Op.Label label && label.name().equals(Emitter.FAIL);
  }

  /// The last step begun between the start of this stretch and the operation.
  private String step(int start, int at, String outerStep) {
    for (int i = at; i >= start; i--) {
      if (ops.get(i) instanceof Op.Note(String what)) {
        return what;
      }
    }
    return outerStep;
  }

  private void list(Op op, String step) {
    switch (op) {
      case Op.Note _ -> callsByStep.computeIfAbsent(step, _ -> new ArrayList<>());
      case Op.Set(Value.Var to, Value from) -> known.put(to, from);
      case Op.SystemCall(Value.Var result, String name, List<Value> args, _) -> {
        callsByStep.computeIfAbsent(step, _ -> new ArrayList<>()).add(text(name, args));
        known.remove(result);
      }
      case Op.Compute(Value.Var to, Value left, Op.Operator operator, _) -> {
        known.remove(to);
        if (operator == Op.Operator.AND && left instanceof Value.Var flags && known.get(flags) instanceof Value.Const all) {
          known.put(to, all);                                           // those of them that this kernel has
        }
      }
      case Op.Store(_, Value.Buffer structure, Value.Const(long offset, _), Value from) ->
          fields.computeIfAbsent(structure, _ -> new TreeMap<>()).put(offset, text(from));
      case Op.Load load -> known.remove(load.to());
      case Op.Invoke(Op.Label subroutine) -> {
        if (!hasSteps(subroutine) || followed.add(subroutine)) {
          follow(places.get(subroutine), step);
        }
      }
      default -> { }
    }
  }

  /// Steps of their own are listed where they are first reached.
  private boolean hasSteps(Op.Label subroutine) {
    return ops.get(places.get(subroutine) + 1) instanceof Op.Note;
  }

  private String text(String name, List<Value> args) {
    var out = new StringBuilder(name).append('(');
    for (int i = 0; i < args.size(); i++) {
      out.append(i == 0 ? "" : ", ").append(text(args.get(i)));
    }
    return out.append(')').toString();
  }

  private String text(Value value) {
    return switch (value) {
      case Value.Const(_, String text) -> text;
      case Value.Data(_, String text) -> text.replace("\n", "\\n");
      case Value.Var var when known.get(var) instanceof Value.Const(_, String text) -> text;
      case Value.Var var when known.get(var) instanceof Value.Data(_, String text) -> text.replace("\n", "\\n");
      case Value.Var(String name, _) -> "<" + name + ">";
      case Value.Buffer structure when structure.name().startsWith("landlock_") && fields.containsKey(structure) ->
          "{" + String.join(", ", fields.get(structure).values()) + "}";
      case Value.Buffer(String name, _, _) -> "<" + name + ">";
    };
  }
}
