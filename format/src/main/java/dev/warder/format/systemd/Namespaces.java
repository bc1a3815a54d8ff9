package dev.warder.format.systemd;

import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What the assignments of `RestrictNamespaces=` come to.
///
/// The flags of clone3 lie in memory; a policy that tests those of clone answers it with ENOSYS, as systemd does.
///
/// Source: `config_parse_restrict_namespaces` in `src/core/load-fragment.c` and `seccomp_restrict_namespaces` in
/// `src/shared/seccomp-util.c`, systemd 252.
final class Namespaces {
  /// In the order in which units name them; `mnt` is CLONE_NEWNS.
  enum Kind {
    CGROUP, IPC, NET, MNT, PID, USER, UTS, TIME;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    String flag() {
      return this == MNT ? "CLONE_NEWNS" : "CLONE_NEW".concat(name());
    }
  }

  private final Reading reading;
  /// Null while nothing is said.
  private Set<Kind> allowed;
  private String origin = "";

  Namespaces(Reading reading) {
    this.reading = reading;
  }

  void add(Setting setting) {
    origin = reading.file().name() + ":" + setting.at().line();
    if (setting.resets()) {
      allowed = null;
      return;
    }
    Boolean truth = setting.truth();
    if (truth != null) {
      allowed = truth ? EnumSet.noneOf(Kind.class) : null;
      return;
    }
    Set<Kind> named = EnumSet.noneOf(Kind.class);
    for (Word word : setting.words()) {
      Kind kind = kind(word);
      if (kind != null) {
        named.add(kind);
      }
    }
    if (allowed == null) {
      allowed = setting.inverted() ? EnumSet.allOf(Kind.class) : EnumSet.noneOf(Kind.class);
    }
    if (setting.inverted()) {
      allowed.removeAll(named);
    } else {
      allowed.addAll(named);
    }
  }

  private Kind kind(Word word) {
    for (Kind kind : Kind.values()) {
      if (kind.label().equals(word.text())) {
        return kind;
      }
    }
    return reading.hopeless() ? null : reading.fail(
        "unknown-namespace", word.at(), "no kind of namespace is named '" + word.text() + "'",
        "write yes, no, or some of cgroup, ipc, net, mnt, pid, user, uts, time");
  }

  boolean given() {
    return allowed != null;
  }

  List<Rule> rules() {
    return allowed == null ? List.of() : rules(allowed, origin);
  }

  /// The rules that let programs make and enter these namespaces only.
  static List<Rule> rules(Set<Kind> allowed, String origin) {
    var denied = new ArrayList<String>();
    for (Kind kind : Kind.values()) {
      if (!allowed.contains(kind)) {
        denied.add(kind.flag());
      }
    }
    if (denied.isEmpty()) {
      return List.of();
    }
    String mask = "(" + String.join(" | ", denied) + ")";
    String setns = allowed.isEmpty() ? "setns:EPERM" : "setns(nstype == 0 || nstype & " + mask + "):EPERM";
    String rules = "~unshare(flags & " + mask + "):EPERM clone(flags & " + mask + "):EPERM " + setns;
    return SyscallList.parse(rules, origin).orThrow();
  }
}
