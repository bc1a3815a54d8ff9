package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.jail.Mount;
import dev.warder.meaning.Comparison;
import dev.warder.meaning.Comparison.Difference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What `diff --format json` prints.
final class DiffJson {
  private DiffJson() {}

  static String of(
      String left, String right, Comparison comparison, List<PolicyFilesText.Difference> files) {
    var differences = new ArrayList<String>();
    comparison.differences().forEach(difference -> differences.add(difference(difference)));
    var serving = new ArrayList<String>();
    comparison.serving().forEach(s -> serving.add("{\"machine\": " + FilterFormat.quoted(s.machine().label())
        + ", \"architecture\": " + FilterFormat.quoted(s.abi().label()) + ", \"servedBy\": \""
        + (s.left() ? "A" : "B") + "\"}"));
    var foreign = new ArrayList<String>();
    comparison.foreign().forEach(f -> foreign.add("{\"architecture\": " + FilterFormat.quoted(f.architectures())
        + ", \"A\": " + answer(f.left()) + ", \"B\": " + answer(f.right()) + "}"));
    return "{\n  \"A\": " + FilterFormat.quoted(left) + ",\n  \"B\": " + FilterFormat.quoted(right)
        + ",\n  \"same\": " + (comparison.same() && files.isEmpty()) + ",\n  \"differences\": " + array(differences)
        + ",\n  \"serving\": " + array(serving) + ",\n  \"otherArchitectures\": " + array(foreign) + ",\n  \"files\": "
        + array(files.stream().map(DiffJson::file).toList()) + "\n}\n";
  }

  private static String file(PolicyFilesText.Difference file) {
    return "{\"target\": " + FilterFormat.quoted(file.target()) + ", \"A\": " + side(file.left()) + ", \"B\": "
        + side(file.right()) + "}";
  }

  private static String side(Mount.Content file) {
    return file == null ? "null" : "{\"mode\": \"" + PolicyFilesText.mode(file) + "\", \"bytes\": " + file.bytes().length
        + ", \"sha256\": \"" + PolicyFilesText.digest(file) + "\"}";
  }

  private static String difference(Difference d) {
    return "{\"architecture\": " + FilterFormat.quoted(d.abi().label())
        + ", \"call\": " + FilterFormat.quoted(d.call()) + ", \"numbers\": " + FilterFormat.quoted(d.numbers())
        + ", \"condition\": " + FilterFormat.quoted(d.condition())
        + ", \"A\": " + FilterFormat.quoted(DiffCommand.answer(d.left(), d.abi()))
        + ", \"B\": " + FilterFormat.quoted(DiffCommand.answer(d.right(), d.abi()))
        + ", \"allowsMore\": " + (d.leftAllowsMore() ? "\"A\"" : d.rightAllowsMore() ? "\"B\"" : "null")
        + ", \"kept\": " + names(d.kept()) + ", \"dropped\": " + names(d.dropped()) + "}";
  }

  private static String answer(Optional<Integer> value) {
    return value.isEmpty() ? "null"
        : FilterFormat.quoted(DiffCommand.answer(value.get(), Arch.X86_64));
  }

  private static String names(Collection<Capability> capabilities) {
    return FilterFormat.quoted(capabilities.stream().map(Capability::name).toList());
  }

  private static String array(List<String> elements) {
    return elements.isEmpty() ? "[]" : "[\n    " + String.join(",\n    ", elements) + "\n  ]";
  }
}
