package dev.warder.format.tree;

import dev.warder.format.tree.Node.Kind;
import dev.warder.format.tree.Node.Position;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// Reads the YAML that people write: one document, no tags, no anchors.
///
/// Anchors and aliases would let a small file stand for a huge tree, and a reader of the policy would have to look up
/// what it says; tags mean nothing here.
final class YamlReader {
  private final TextFile file;
  private final TreeBuilder builder;
  private Iterator<Event> events;

  YamlReader(Reading reading) {
    this.file = reading.file();
    this.builder = new TreeBuilder(reading);
  }

  Node read() {
    try {
      LoadSettings settings = LoadSettings.builder().build();
      events = new ParserImpl(settings, new StreamReader(settings, file.text()));
      return document();
    } catch (MarkedYamlEngineException e) {
      throw syntax(e);
    } catch (ReaderException e) {
      Position at = file.position(indexOfCodePoint(e.getPosition()), indexOfCodePoint(e.getPosition()) + 1);
      throw new SyntaxException("yaml-syntax", at, "YAML cannot hold this control character", "leave it out");
    } catch (YamlEngineException e) {
      throw new SyntaxException("yaml-syntax", new Position(1, 0, 1), e.getMessage(), "");
    }
  }

  private int indexOfCodePoint(int position) {
    int length = file.text().codePointCount(0, file.text().length());
    return file.text().offsetByCodePoints(0, Math.min(position, length));
  }

  private SyntaxException syntax(MarkedYamlEngineException e) {
    Optional<Mark> mark = e.getProblemMark().isPresent() ? e.getProblemMark() : e.getContextMark();
    Position at = mark.isPresent() ? position(mark, mark) : new Position(1, 0, 1);
    String line = file.line(at.line()).text();
    char found = at.from() < line.length() ? line.charAt(at.from()) : ' ';
    if (found == '@' || found == '`') {
      return new SyntaxException(
          "yaml-syntax", at, "YAML reserves a bare " + found, "put the word in quotes, as in \"@basic-io\"");
    }
    if (found == '\t') {
      return new SyntaxException("yaml-syntax", at, "YAML does not indent with tabs", "write spaces");
    }
    String fix = e.getContext() == null ? "check indentation, colons and quotes" : "it happened " + e.getContext();
    return new SyntaxException("yaml-syntax", at, e.getProblem(), fix);
  }

  private Node document() {
    Event first = skip(Event.ID.StreamStart, events.next());
    if (first.getEventId() == Event.ID.StreamEnd) {
      throw new SyntaxException(
          "empty-file", new Position(1, 0, 1), "the file is empty", "start with allow: and a list");
    }
    Node root = node(skip(Event.ID.DocumentStart, first));
    Event end = skip(Event.ID.DocumentEnd, events.next());
    if (end.getEventId() != Event.ID.StreamEnd) {
      throw new SyntaxException("yaml-documents", position(end), "a second document begins", "keep one in a file");
    }
    return root;
  }

  private Event skip(Event.ID kind, Event event) {
    return event.getEventId() == kind ? events.next() : event;
  }

  private Node node(Event event) {
    refuseFeatures(event);
    return switch (event.getEventId()) {
      case Scalar -> scalar((ScalarEvent) event);
      case SequenceStart -> sequence(event);
      default -> mapping(event);
    };
  }

  private void refuseFeatures(Event event) {
    boolean anchored = event instanceof NodeEvent node && node.getAnchor().isPresent();
    if (event instanceof AliasEvent || anchored) {
      throw new SyntaxException(
          "yaml-anchor", position(event), "anchors and aliases are not used in policies", "write the value out");
    }
    boolean tagged = event instanceof ScalarEvent scalar && scalar.getTag().isPresent()
        || event instanceof CollectionStartEvent start && start.getTag().isPresent();
    if (tagged) {
      throw new SyntaxException(
          "yaml-tag", position(event), "tags are not used in policies", "put a text that starts with ! in quotes");
    }
  }

  private Node.Scalar scalar(ScalarEvent event) {
    String text = event.getValue();
    return builder.scalar(event.isPlain() ? plainKind(text) : Kind.TEXT, text, position(event));
  }

  private static Kind plainKind(String text) {
    if (text.isEmpty() || text.equals("~") || text.equals("null")) {
      return Kind.NULL;
    }
    if (text.equals("true") || text.equals("false")) {
      return Kind.BOOLEAN;
    }
    return Numbers.isYaml(text) ? Kind.NUMBER : Kind.TEXT;
  }

  private Node sequence(Event start) {
    Position at = position(start);
    builder.enter(at);
    List<Node> items = new ArrayList<>();
    for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
      items.add(node(event));
    }
    builder.leave();
    return new Node.Sequence(items, at);
  }

  private Node mapping(Event start) {
    Position at = position(start);
    builder.enter(at);
    TreeBuilder.Entries entries = builder.new Entries();
    for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
      Node key = node(event);
      if (!(key instanceof Node.Scalar scalar)) {
        throw new SyntaxException("yaml-syntax", key.at(), "a list or mapping cannot be a key", "write a word");
      }
      entries.add(scalar, node(events.next()));
    }
    builder.leave();
    return new Node.Mapping(entries.list(), at);
  }

  private Position position(Event event) {
    return position(event.getStartMark(), event.getEndMark());
  }

  /// Marks count code points; a stretch that goes on over the line ends with the line.
  private Position position(Optional<Mark> start, Optional<Mark> end) {
    int line = Math.min(start.orElseThrow().getLine(), file.lines() - 1);
    String text = file.line(line + 1).text();
    int from = index(text, start.orElseThrow().getColumn());
    boolean sameLine = end.orElseThrow().getLine() == line;
    int to = sameLine ? index(text, end.orElseThrow().getColumn()) : text.length();
    return new Position(line + 1, from, Math.max(to, from + 1));
  }

  private static int index(String line, int codePoints) {
    int units = line.length();
    if (line.codePointCount(0, units) == units) {
      return Math.min(codePoints, units);
    }
    return line.offsetByCodePoints(0, Math.min(codePoints, line.codePointCount(0, units)));
  }
}
