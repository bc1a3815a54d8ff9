package dev.warder.format;

import dev.warder.catalog.Suggestions;
import dev.warder.format.convert.Loss;
import dev.warder.format.convert.Target;
import dev.warder.format.convert.Writing;
import dev.warder.format.convert.Written;
import dev.warder.format.convert.Includes;
import dev.warder.format.firecracker.FirecrackerReader;
import dev.warder.format.firecracker.FirecrackerWriter;
import dev.warder.format.kubernetes.KubernetesReader;
import dev.warder.format.kubernetes.KubernetesWriter;
import dev.warder.format.minijail.MinijailReader;
import dev.warder.format.minijail.MinijailWriter;
import dev.warder.format.oci.OciReader;
import dev.warder.format.oci.OciWriter;
import dev.warder.format.systemd.SystemdReader;
import dev.warder.format.systemd.SystemdWriter;
import dev.warder.format.tree.Document;
import dev.warder.format.tree.Limits;
import dev.warder.format.tree.Node;
import dev.warder.format.tree.Reading;
import dev.warder.format.tree.TextFile;
import dev.warder.jail.Mount;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import dev.warder.policy.Source;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Reads and writes policy files of every [Format]. What is read is told apart by its content.
public final class PolicyFiles {
  /// The size of the largest file that is read.
  public static final int MOST_BYTES = Limits.BYTES;

  private PolicyFiles() {}

  /// Reads a file; of one that is too large only as much as it takes to tell.
  ///
  /// @param name for messages and the origin of rules
  public static Parsed<PolicyFile> read(String name, InputStream in) throws IOException {
    return read(null, name, null, in);
  }

  /// Reads a file as one format.
  ///
  /// @param format null to have it told apart
  /// @param part which of the policies in it is meant; null where there is but one
  public static Parsed<PolicyFile> read(Format format, String name, String part, InputStream in) throws IOException {
    return read(format, name, part, in.readNBytes(Limits.BYTES + 1), null);
  }

  /// Reads the content of a file.
  ///
  /// @return problems of [Document#read], `unknown-format`, `unknown-key`, `duplicate-key`, `wrong-kind`, and those of
  ///     the format
  public static Parsed<PolicyFile> read(String name, byte[] content) {
    return read(null, name, null, content, null);
  }

  /// Reads the content of a file as one format.
  ///
  /// @param format null to have it told apart
  public static Parsed<PolicyFile> read(Format format, String name, byte[] content) {
    return read(format, name, null, content, null);
  }

  /// Reads the content of a file as one format, and the files that it includes.
  ///
  /// @param format null to have it told apart
  /// @param includes null where a file that includes others is an error
  public static Parsed<PolicyFile> read(Format format, String name, byte[] content, Includes includes) {
    return read(format, name, null, content, includes);
  }

  /// Reads the content of a file as one format, and the files that it includes.
  ///
  /// @param format null to have it told apart
  /// @param part which of the policies in it is meant; null where there is but one
  /// @param includes null where a file that includes others is an error
  public static Parsed<PolicyFile> read(
      Format format, String name, String part, byte[] content, Includes includes) {
    Parsed<TextFile> decoded = TextFile.decode(name, content);
    if (!(decoded instanceof Parsed.Accepted<TextFile> file)) {
      return new Parsed.Rejected<>(decoded.problems());
    }
    Reading reading = new Reading(file.value());
    Format lines = format == null ? recognise(file.value()) : format;
    if (lines == Format.SYSTEMD || lines == Format.MINIJAIL) {
      Policy policy = lines == Format.SYSTEMD
          ? new SystemdReader(reading).read()
          : new MinijailReader(reading, includes).read();
      return reading.parsed(new PolicyFile(lines, policy, reading.losses(), reading.attributes(), List.of()));
    }
    Parsed<Document> parsed = Document.read(reading);
    return parsed instanceof Parsed.Accepted<Document> accepted
        ? read(format, part, accepted.value())
        : new Parsed.Rejected<>(parsed.problems());
  }

  private static Parsed<PolicyFile> read(Format wanted, String part, Document document) {
    Reading reading = document.reading();
    if (!(document.root() instanceof Node.Mapping root)) {
      return unknown(reading, document.root());
    }
    Format format = wanted == null ? recognise(root) : wanted;
    if (format == null) {
      return unknown(reading, root);
    }
    PolicyReader own = format == Format.WARDER ? new PolicyReader(reading) : null;
    Policy policy = switch (format) {
      case WARDER -> own.read(root);
      case OCI, DOCKER -> new OciReader(reading).read(root);
      case KUBERNETES -> new KubernetesReader(reading).read(root);
      case FIRECRACKER -> new FirecrackerReader(reading).read(root, part);
      default -> throw new IllegalArgumentException(format + " is no tree");
    };
    if (part != null && format != Format.FIRECRACKER) {
      reading.fail("no-part", root, "this file has one policy, and no part '" + part + "'", "leave out #" + part);
    }
    List<Mount.Content> files = own == null ? List.of() : own.files();
    return reading.parsed(new PolicyFile(format, policy, reading.losses(), reading.attributes(), files));
  }

  /// The format of a file of lines by its first; null for none.
  private static Format recognise(TextFile file) {
    if (SystemdReader.recognises(file)) {
      return Format.SYSTEMD;
    }
    return MinijailReader.recognises(file) ? Format.MINIJAIL : null;
  }

  /// The format of a tree by its keys; null for none. Warder's own comes first, so that no other reader is loaded.
  private static Format recognise(Node.Mapping root) {
    if (has(root, TELLING)) {
      return Format.WARDER;
    }
    if (OciReader.recognises(root)) {
      return Format.OCI;
    }
    if (KubernetesReader.recognises(root)) {
      return Format.KUBERNETES;
    }
    if (FirecrackerReader.recognises(root)) {
      return Format.FIRECRACKER;
    }
    return looksLikeOurs(root) ? Format.WARDER : null;
  }

  private static final List<String> TELLING = List.of("allow", "deny", "extends", "default-action");

  private static boolean has(Node.Mapping root, List<String> keys) {
    for (String key : keys) {
      if (root.get(key) != null) {
        return true;
      }
    }
    return false;
  }

  /// Whether a key is nearly one that makes a policy; which are wrong is then said one by one.
  private static boolean looksLikeOurs(Node.Mapping root) {
    for (int i = 0; i < root.entries().size() && i < PolicyReader.KEYS.size(); i++) {
      if (!Suggestions.nearest(root.entries().get(i).key().text(), TELLING).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static Parsed<PolicyFile> unknown(Reading reading, Node root) {
    reading.fail(
        "unknown-format",
        root,
        "this is no policy that Warder reads",
        "a policy of Warder has allow: or deny: lists; a container profile has defaultAction and syscalls");
    return reading.parsed(null);
  }

  /// A policy as a file of Warder's own format, which reads back as an equal one but for the origin of its rules. Its
  /// allows come before its denies there, which changes nothing.
  public static String write(Policy policy) {
    return write(policy, List.of());
  }

  /// The same with the files that it puts into a jail.
  public static String write(Policy policy, List<Mount.Content> files) {
    return new PolicyWriter(policy, files).write();
  }

  /// A file as one of another format, with the losses of both sides.
  ///
  /// @return problems where it would let through more, or cannot be written at all
  public static Parsed<Written> convert(PolicyFile file, Format to, Target target) {
    if (to == Format.WARDER) {
      return new Parsed.Accepted<>(new Written(write(file.policy(), file.files()), file.losses()));
    }
    boolean container = to == Format.OCI || to == Format.DOCKER || to == Format.KUBERNETES;
    Parsed<Written> parsed = write(to, file.policy(), container ? target.with(file.attributes()) : target);
    if (!(parsed instanceof Parsed.Accepted<Written>(Written written))) {
      return parsed;
    }
    var losses = new ArrayList<Loss>(file.losses());
    losses.removeIf(loss -> container && OciReader.ATTRIBUTES.contains(loss.problem().code()));
    losses.addAll(written.losses());
    for (Mount.Content lost : file.files()) {
      String what = lost.target() + " is not carried over: this format puts no files into a jail";
      Source where = Source.option(file.policy().name(), lost.target());
      losses.add(new Loss(where.problem("lost-file", 0, lost.target().length(), what, ""), false));
    }
    return new Parsed.Accepted<>(new Written(written.text(), losses));
  }

  /// A policy as a file of any format. It lets through no more than the policy does.
  ///
  /// @return problems where it would let through more, or cannot be written at all
  public static Parsed<Written> write(Format format, Policy policy, Target target) {
    Parsed<Written> parsed = writeRules(format, policy, target);
    if (format == Format.WARDER || policy.frequencies().isEmpty()
        || !(parsed instanceof Parsed.Accepted<Written>(Written written))) {
      return parsed;
    }
    var writing = new Writing(policy);
    writing.same("lost-frequency", null, "how often the program makes calls has no place in such a file");
    var losses = new ArrayList<Loss>(written.losses());
    losses.addAll(writing.written("").orThrow().losses());
    return new Parsed.Accepted<>(new Written(written.text(), losses));
  }

  private static Parsed<Written> writeRules(Format format, Policy policy, Target target) {
    return switch (format) {
      case WARDER -> new Writing(policy).written(write(policy));
      case SYSTEMD -> new SystemdWriter().write(policy, target);
      case MINIJAIL -> new MinijailWriter().write(policy, target);
      case OCI -> new OciWriter(false).write(policy, target);
      case DOCKER -> new OciWriter(true).write(policy, target);
      case KUBERNETES -> new KubernetesWriter().write(policy, target);
      case FIRECRACKER -> new FirecrackerWriter().write(policy, target);
    };
  }
}
