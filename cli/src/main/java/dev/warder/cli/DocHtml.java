package dev.warder.cli;

import dev.warder.cli.PolicyDoc.Entry;
import dev.warder.cli.PolicyDoc.Section;
import java.util.List;

/// A [PolicyDoc] as one HTML page that needs nothing else: no script, no font, no picture.
final class DocHtml {
  private static final String HEAD = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>%s</title>
      <style>
      :root { color-scheme: light dark; --line: #8884; --danger: #b3261e; }
      @media (prefers-color-scheme: dark) { :root { --danger: #ff8a80; } }
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      code { font: 0.95em ui-monospace, monospace; }
      h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
      nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; }
      dt { margin-top: 1rem; font-weight: 600; overflow-wrap: anywhere; }
      dd { margin: 0.15rem 0 0 1.5rem; overflow-wrap: anywhere; }
      pre { font: 0.95em/1.4 ui-monospace, monospace; border: 1px solid var(--line); padding: 0.5rem; overflow-x: auto; }
      .danger { color: var(--danger); font-weight: 700; }
      </style>
      </head>
      <body>
      <header><h1>%s</h1></header>
      """;

  private DocHtml() {}

  static String of(String name, List<Section> sections) {
    var out = new StringBuilder(HEAD.formatted(text(name), text(name)));
    out.append("<nav aria-label=\"Sections\"><ul>\n");
    for (int i = 0; i < sections.size(); i++) {
      out.append("<li><a href=\"#s").append(i + 1).append("\">").append(text(sections.get(i).title())).append("</a></li>\n");
    }
    out.append("</ul></nav>\n<main>\n");
    for (int i = 0; i < sections.size(); i++) {
      section(out, i + 1, sections.get(i));
    }
    return out.append("</main>\n</body>\n</html>\n").toString();
  }

  private static void section(StringBuilder out, int number, Section section) {
    out.append("<section aria-labelledby=\"s").append(number).append("\">\n<h2 id=\"s").append(number).append("\">");
    out.append(text(section.title())).append("</h2>\n");
    out.append(section.intro().isEmpty() ? "" : "<p>" + text(section.intro()) + "</p>\n");
    String heading = "";
    boolean open = false;
    for (Entry entry : section.entries()) {
      boolean group = !entry.heading().isEmpty() && !entry.calls().isEmpty();
      if (group && !entry.heading().equals(heading)) {
        out.append(open ? "</dl>\n" : "").append("<h3>").append(text(entry.heading())).append("</h3>\n");
        open = false;
        heading = entry.heading();
      }
      out.append(open ? "" : "<dl>\n");
      open = true;
      entry(out, entry);
    }
    out.append(open ? "</dl>\n" : "").append("</section>\n");
  }

  private static void entry(StringBuilder out, Entry entry) {
    out.append("<dt>").append(entry.dangerous() ? "<span class=\"danger\">Way out:</span> " : "");
    if (entry.calls().isEmpty()) {
      out.append(text(entry.heading()));
    }
    for (int i = 0; i < entry.calls().size(); i++) {
      String call = text(entry.calls().get(i));
      out.append(i == 0 ? "" : ", ").append("<code id=\"call-").append(call).append("\">").append(call).append("</code>");
    }
    out.append("</dt>\n");
    for (String line : entry.lines()) {
      out.append("<dd>").append(text(line)).append("</dd>\n");
    }
    if (entry.content() != null && !entry.content().isEmpty()) {
      out.append("<dd><pre>");
      entry.content().lines().forEach(line -> out.append(text(line)).append('\n'));
      out.append("</pre></dd>\n");
    }
  }

  private static String text(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c < ' ' ? ' ' : c);
      }
    }
    return out.toString();
  }
}
