package dev.warder.policy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.policy.Expression.Value;
import dev.warder.policy.Rule.Subject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A call of which some arguments may be unknown: `openat(AT_FDCWD, *, O_RDONLY)`, `ptrace`, `#451`.
///
/// Arguments stand in the order of the registers, as the kernel's own lists give them. `*` and those left out at the
/// end are unknown; the others are values or constants, `O_RDWR | O_CLOEXEC`.
///
/// @param subject a call by name or a number
/// @param arguments at most six; empty for an unknown one
public record CallPattern(Subject subject, List<Optional<Value>> arguments) {
  private static final int REGISTERS = 6;

  public CallPattern {
    arguments = List.copyOf(arguments);
    if (arguments.size() > REGISTERS) {
      throw new IllegalArgumentException("a call has at most 6 arguments, got " + arguments.size());
    }
  }

  /// Reads a pattern.
  ///
  /// @return problems `unknown-syscall`, `bad-number`, `call-syntax`, `too-many-arguments`, `unknown-constant`,
  ///     `expression-syntax`
  public static Parsed<CallPattern> parse(Source source) {
    var problems = new ArrayList<Problem>();
    var reader = new RuleReader(source, problems);
    int start = reader.wordStart(0, source.text().length());
    int paren = source.text().indexOf('(');
    int nameEnd = paren < 0 ? source.text().length() : paren;
    while (nameEnd > start && RuleReader.isSeparator(source.text().charAt(nameEnd - 1))) {
      nameEnd--;
    }
    Subject subject = subject(source, reader, start, nameEnd);
    if (subject instanceof Subject.Set) {
      reader.fail("call-syntax", start, nameEnd, "a set is not one call", "name a call, as in openat");
    }
    List<Optional<Value>> arguments = paren < 0 ? List.of() : arguments(source, paren, problems);
    if (subject instanceof Subject.Call(String call) && problems.isEmpty()) {
      int most = Names.arguments(call);
      if (most > 0 && arguments.size() > most) {
        reader.fail("too-many-arguments", paren + 1, source.text().length(), call + " has " + most
            + (most == 1 ? " argument" : " arguments") + ", not " + arguments.size(), "leave out " + (arguments.size() - most));
      }
    }
    return problems.isEmpty()
        ? new Parsed.Accepted<>(new CallPattern(subject, arguments))
        : new Parsed.Rejected<>(problems);
  }

  /// As in a list, but a number may be negative, since a program may make such a call too; null after noting a problem.
  private static Subject subject(Source source, RuleReader reader, int from, int to) {
    String word = source.text().substring(from, Math.max(from, to));
    if (!word.startsWith("#-")) {
      RuleReader.Entry entry = reader.entry(from, to);
      return entry == null ? null : entry.subject();
    }
    try {
      return new Subject.Number(Integer.parseInt(word.substring(1)));
    } catch (NumberFormatException e) {
      return reader.fail("bad-number", from, to, "'" + word + "' is no number of a call", "write it as #451 or #-1");
    }
  }

  private static List<Optional<Value>> arguments(Source source, int paren, List<Problem> problems) {
    var lexer = new Lexer(source.text(), paren + 1, source.text().length());
    var values = new ValueParser(lexer, source, problems);
    var arguments = new ArrayList<Optional<Value>>();
    if (!lexer.at(")")) {
      do {
        Value value = lexer.skip("*") ? null : values.value(0);
        arguments.add(Optional.ofNullable(value));
      } while (problems.isEmpty() && lexer.skip(","));
    }
    if (problems.isEmpty() && values.expect(")") && !lexer.at(Lexer.END)) {
      values.wanted("the end");
    }
    if (arguments.size() > REGISTERS) {
      String fix = "leave out " + (arguments.size() - REGISTERS);
      values.fail("too-many-arguments", "a call has at most 6 arguments", fix);
      return List.of();
    }
    return arguments;
  }

  /// The number that a filter sees; empty where the architecture lacks the call.
  public OptionalInt number(Arch arch) {
    return switch (subject) {
      case Subject.Number(int value) -> OptionalInt.of(value);
      default -> Catalog.get().table(arch).number(subject.text());
    };
  }

  /// The six argument registers, where known. A constant that the architecture lacks is unknown.
  public List<OptionalLong> registers(Arch arch) {
    var registers = new ArrayList<OptionalLong>(Collections.nCopies(REGISTERS, OptionalLong.empty()));
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).isPresent()) {
        registers.set(i, Binder.value(arguments.get(i).get(), arch));
      }
    }
    return List.copyOf(registers);
  }
}
