package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.filter.Bitmap;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import dev.warder.filter.Listing;
import dev.warder.policy.Policy;
import dev.warder.policy.Resolution;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The forms in which `compile` writes a filter.
enum FilterFormat {
  /// The array of `struct sock_filter`, in the target's byte order.
  BPF {
    @Override
    byte[] render(Program program) {
      return program.filter().bytes();
    }
  },
  LISTING {
    @Override
    byte[] render(Program program) {
      return utf8(program.header("; ") + Listing.of(program.filter(), Architecture::callName));
    }
  },
  C {
    @Override
    byte[] render(Program program) {
      return utf8(c(program));
    }
  },
  JSON {
    @Override
    byte[] render(Program program) {
      return utf8(json(program));
    }
  };

  /// A filter and what it was made from.
  ///
  /// @param resolutions one for each architecture, the native one first
  record Program(Policy policy, List<Resolution> resolutions, Filter filter) {
    List<Arch> architectures() {
      return resolutions.stream().map(Resolution::arch).toList();
    }

    String header(String prefix) {
      return prefix + "policy: " + visible(policy.name()) + '\n'
          + prefix + "architectures: " + Architecture.list(architectures()) + "; a call by any other is killed\n"
          + prefix + "default action: " + ActionName.of(policy.defaultAction()) + '\n'
          + prefix + "length: " + filter.insns().size() + " instructions\n";
    }

    /// On one line, and no end of a comment.
    private static String visible(String text) {
      return text.replaceAll("\\p{Cntrl}", "?").replace("*/", "* /");
    }
  }

  abstract byte[] render(Program program);

  static FilterFormat named(String name) throws CommandException {
    for (FilterFormat format : values()) {
      if (format.name().toLowerCase(Locale.ROOT).equals(name)) {
        return format;
      }
    }
    throw new CommandException("--format is bpf, listing, c or json, got '" + name + "'");
  }

  private static String c(Program program) {
    List<Insn> insns = program.filter().insns();
    List<String> listing = Listing.of(program.filter(), Architecture::callName).lines().toList();
    var out = new StringBuilder("/*\n").append(" * A seccomp filter, compiled by Warder.\n");
    out.append(program.header(" * ")).append("""
         *
         * Install it once no_new_privs is set:
         *
         *   struct sock_fprog program = { sizeof warder_filter / sizeof warder_filter[0], warder_filter };
         *   prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
         *   syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
         */
        #include <linux/filter.h>

        """);
    out.append("struct sock_filter warder_filter[").append(insns.size()).append("] = {\n");
    for (int at = 0; at < insns.size(); at++) {
      Insn insn = insns.get(at);
      out.append("  {0x%02x, %3d, %3d, 0x%08x}, /* %s */\n".formatted(
          insn.code(), insn.jt(), insn.jf(), insn.k(), listing.get(at).strip()));
    }
    return out.append("};\n").toString();
  }

  private static String json(Program program) {
    var out = new StringBuilder("{\n");
    out.append("  \"policy\": ").append(quoted(program.policy().name())).append(",\n");
    out.append("  \"architectures\": ").append(quoted(program.architectures().stream().map(Arch::label).toList()));
    out.append(",\n  \"otherArchitectures\": \"KILL\",\n");
    out.append("  \"byteOrder\": \"").append(program.filter().bigEndian() ? "big" : "little").append("\",\n");
    out.append("  \"length\": ").append(program.filter().insns().size()).append(",\n  \"instructions\": [");
    String separator = "\n    ";
    for (Insn insn : program.filter().insns()) {
      out.append(separator).append("{\"code\": %d, \"jt\": %d, \"jf\": %d, \"k\": %s}".formatted(
          insn.code(), insn.jt(), insn.jf(), Integer.toUnsignedString(insn.k())));
      separator = ",\n    ";
    }
    out.append("\n  ],\n  \"bitmap\": {");
    separator = "\n    ";
    for (Resolution resolution : program.resolutions()) {
      out.append(separator).append(quoted(resolution.arch().label())).append(": ");
      out.append(quoted(answeredByBitmap(program.filter(), resolution)));
      separator = ",\n    ";
    }
    return out.append("\n  }\n}\n").toString();
  }

  /// The calls that the kernel lets through without running the filter.
  private static List<String> answeredByBitmap(Filter filter, Resolution resolution) {
    var names = new ArrayList<String>();
    for (int number : resolution.decisions().keySet()) {
      if (Bitmap.answers(filter, resolution.arch().auditArch(), number)) {
        names.add(Architecture.callName(resolution.arch(), number).orElse("#" + Integer.toUnsignedString(number)));
      }
    }
    return names;
  }

  static String quoted(List<String> texts) {
    var out = new StringBuilder("[");
    for (String text : texts) {
      out.append(out.length() == 1 ? "" : ", ").append(quoted(text));
    }
    return out.append(']').toString();
  }

  static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c < ' ' || c == '"' || c == '\\') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
