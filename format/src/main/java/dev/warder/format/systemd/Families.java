package dev.warder.format.systemd;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.catalog.Suggestions;
import dev.warder.format.systemd.Setting.Word;
import dev.warder.format.tree.Reading;
import dev.warder.policy.Rule;
import dev.warder.policy.SyscallList;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the assignments of `RestrictAddressFamilies=` come to.
///
/// Source: `config_parse_address_families` in `src/core/load-fragment.c` and `seccomp_restrict_address_families` in
/// `src/shared/seccomp-util.c`, systemd 252.
final class Families {
  private static final String NONE = "none";

  private final Reading reading;
  /// The listed families by number, under the name that was written.
  private final SortedMap<Long, String> listed = new TreeMap<>();
  private boolean given;
  private boolean listsAllowed;
  private String origin = "";

  Families(Reading reading) {
    this.reading = reading;
  }

  void add(Setting setting) {
    if (setting.resets()) {
      listed.clear();
      given = false;
      return;
    }
    origin = reading.file().name() + ":" + setting.at().line();
    if (setting.words().size() == 1 && setting.words().getFirst().text().equals(NONE)) {
      listed.clear();
      given = true;
      listsAllowed = !setting.inverted();
      return;
    }
    if (!given) {
      given = true;
      listsAllowed = !setting.inverted();
    }
    for (Word word : setting.words()) {
      if (!reading.hopeless()) {
        add(word, setting.inverted());
      }
    }
  }

  private void add(Word word, boolean inverted) {
    OptionalLong number = number(word.text());
    if (number.isPresent()) {
      if (inverted != listsAllowed) {
        listed.put(number.getAsLong(), word.text());
      } else {
        listed.remove(number.getAsLong());
      }
      return;
    }
    String what = "no address family named '" + word.text() + "'";
    if (inverted) {
      List<String> near = Suggestions.nearest(word.text(), List.of("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK",
          "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC"));
      String fix = near.isEmpty() ? "write it as AF_INET" : "did you mean '" + near.getFirst() + "'?";
      reading.fail("unknown-family", word.at(), what + ", and it would be let through", fix);
    } else {
      reading.lose("unknown-family", word.at(), what + "; it is left out, as systemd does", listsAllowed);
    }
  }

  private static OptionalLong number(String name) {
    boolean real = name.startsWith("AF_") && !name.equals("AF_MAX") && !name.equals("AF_UNSPEC");
    return real ? Catalog.get().constant(name, Arch.X86_64) : OptionalLong.empty();
  }

  boolean given() {
    return given;
  }

  List<Rule> rules() {
    if (!given || !listsAllowed && listed.isEmpty()) {
      return List.of();
    }
    String families = String.join(", ", new ArrayList<>(listed.values()));
    String denied = listed.isEmpty() ? "~socket:EAFNOSUPPORT"
        : listsAllowed ? "~socket(!(domain in [" + families + "])):EAFNOSUPPORT"
        : "~socket(domain in [" + families + "]):EAFNOSUPPORT";
    return SyscallList.parse(denied, origin).orThrow();
  }
}
