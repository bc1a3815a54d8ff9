package dev.warder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Errno;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.jail.FileSystem;
import dev.warder.jail.JailSpec;
import dev.warder.jail.Landlock;
import dev.warder.jail.Network;
import dev.warder.jail.Origin;
import dev.warder.jail.Plan;
import dev.warder.jail.Planner;
import dev.warder.jail.Privileges;
import dev.warder.jail.ProcessAttributes;
import dev.warder.jail.Remedies;
import dev.warder.jail.Resources;
import dev.warder.jail.Step;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Its [#main] prints the table of pairs, made from what a default jail may have to say.
class BytePairsTest {
  private static final int PAIRS = BytePairs.PLAIN - BytePairs.FIRST;

  @Test
  void everyMessageIsReadAsWritten() {
    var pairs = new BytePairs();
    for (String message : messages()) {
      assertThat(decode(pairs, pairs.encode(message))).isEqualTo(message);
    }
  }

  @Test
  void textBeyondAsciiIsReadAsWritten() {
    var pairs = new BytePairs();
    for (String text : List.of("", "é", "the päth of the thé", "to show 文件 of the host", "\u007f\u0080ÿ\t\n")) {
      assertThat(decode(pairs, pairs.encode(text))).isEqualTo(text);
    }
    assertThatThrownBy(() -> pairs.encode("a\0b")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void messagesTakeLessThanTwoThirdsOfTheirLength() {
    var pairs = new BytePairs();
    int plain = 0;
    for (String message : messages()) {
      plain += message.length();
    }
    assertThat(size(pairs)).isLessThan(plain * 2 / 3);
  }

  @Test
  void noPairIsNestedTooDeep() {
    byte[] table = new BytePairs().table();
    int[] depth = new int[table.length / 2];
    for (int i = 0; i < depth.length; i++) {
      for (int half = 2 * i; half < 2 * i + 2; half++) {
        int part = (table[half] & 0xFF) - BytePairs.FIRST;
        assertThat(part).isLessThan(i);
        depth[i] = Math.max(depth[i], part < 0 ? 1 : depth[part] + 1);
      }
      assertThat(depth[i]).isLessThanOrEqualTo(BytePairs.MAX_DEPTH);
    }
  }

  private static String decode(BytePairs pairs, byte[] code) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < code.length; i++) {
      if ((code[i] & 0xFF) == BytePairs.PLAIN) {
        out.write(code[++i]);
      } else {
        expand(pairs.table(), code[i] & 0xFF, out);
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void expand(byte[] table, int b, ByteArrayOutputStream out) {
    if (b < BytePairs.FIRST) {
      out.write(b);
    } else {
      expand(table, table[2 * (b - BytePairs.FIRST)] & 0xFF, out);
      expand(table, table[2 * (b - BytePairs.FIRST) + 1] & 0xFF, out);
    }
  }

  private static Set<String> messages() {
    var filter = new Filter(List.of(new Insn(0x06, 0, 0, 0x7fff0000)), false);
    var files = new FileSystem(Optional.empty(), FileSystem.RootMode.READ_ONLY, List.of(), Optional.empty());
    Plan plan = Planner.plan(new JailSpec(files, new Privileges(Optional.empty(), Optional.empty(), Set.of()),
        ProcessAttributes.USUAL, "warder", Network.NONE, Landlock.AUTO, Resources.UNBOUNDED, filter, Origin.NONE, List.of("true")));
    var messages = new LinkedHashSet<String>();
    for (List<Step> part : List.of(plan.launcher(), plan.sources(), plan.inside(), plan.program())) {
      for (Step step : part) {
        messages.add(step.what());
        messages.addAll(Remedies.of(step).values());
      }
    }
    messages.addAll(Remedies.ofAnyStep().values());
    messages.add(Remedies.LAST_RESORT);
    for (Errno errno : Failure.NAMED) {
      messages.add(errno.name().substring(Failure.FIRST_LETTER.length()));
    }
    return messages;
  }

  private static int size(BytePairs pairs) {
    int size = pairs.table().length;
    for (String message : messages()) {
      size += pairs.encode(message).length;
    }
    return size;
  }

  /// Adds the best of the most frequent pairs until all codes are given away.
  public static void main(String[] args) {
    String table = "";
    while (table.length() < 2 * PAIRS) {
      String best = null;
      for (String pair : frequent(new BytePairs(table))) {
        if (best == null || size(new BytePairs(table + pair)) < size(new BytePairs(best))) {
          best = table + pair;
        }
      }
      table = best;
    }
    for (int line = 0; line < table.length(); line += 32) {
      System.out.println("      + \"" + escaped(table.substring(line, Math.min(line + 32, table.length()))) + "\"");
    }
    System.err.println(size(new BytePairs(table)));
  }

  private static List<String> frequent(BytePairs pairs) {
    var counts = new HashMap<String, Integer>();
    for (String message : messages()) {
      byte[] code = pairs.encode(message);
      for (int i = 0; i + 1 < code.length; i++) {
        counts.merge(new String(code, i, 2, StandardCharsets.ISO_8859_1), 1, Integer::sum);
      }
    }
    var all = new ArrayList<>(counts.entrySet());
    all.sort(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())));
    var most = new ArrayList<String>();
    for (var entry : all.subList(0, Math.min(8, all.size()))) {
      most.add(entry.getKey());
    }
    return most;
  }

  private static String escaped(String table) {
    var out = new StringBuilder();
    for (char c : table.toCharArray()) {
      if (c < ' ' || c > '~') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return out.toString();
  }
}
