package dev.warder.format.oci;

import dev.warder.format.tree.Document;
import dev.warder.format.tree.Node;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// Docker's default profile, the shipped profile `docker`.
///
/// Source: `docker-default.json` beside this class; see `NOTICE.txt` there.
public final class Docker {
  public static final String NAME = "docker";

  private static final String FILE = "docker-default.json";
  private static final String DESCRIPTION = "The default profile of Docker Engine: containers of all kinds";

  private Docker() {}

  /// The profile, read anew.
  public static Policy profile() {
    Document document = Document.read("profile ".concat(NAME), bytes()).orThrow();
    var read = new OciReader(document.reading()).read((Node.Mapping) document.root());
    Policy policy = document.reading().parsed(read).orThrow();
    return new Policy(
        policy.name(), DESCRIPTION, policy.notes(), policy.architectures(), policy.defaultAction(),
        policy.unassignedAction(), policy.newerAction(), policy.rules());
  }

  private static byte[] bytes() {
    try (InputStream in = content()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The file.
  public static InputStream content() {
    InputStream in = Docker.class.getResourceAsStream(FILE);
    if (in == null) {
      throw new IllegalStateException("this build lacks its resource " + FILE);
    }
    return in;
  }
}
