package dev.warder.cli;

import dev.warder.catalog.Suggestions;
import dev.warder.format.Format;
import dev.warder.format.PolicyFile;
import dev.warder.format.PolicyFiles;
import dev.warder.format.ShippedProfiles;
import dev.warder.format.convert.Includes;
import dev.warder.format.convert.Loss;
import dev.warder.jail.Origin;
import dev.warder.policy.Parsed;
import dev.warder.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Policies by name or file.
final class PolicySource {
  /// Standard input, where a file is meant.
  static final String STDIN = "-";

  private PolicySource() {}

  static List<String> profiles() {
    return ShippedProfiles.names();
  }

  static Policy profile(String name) throws CommandException {
    return ShippedProfiles.named(name).orElseThrow(() -> new CommandException(
        "there is no profile '" + name + "'; " + didYouMean(name)));
  }

  /// @param included takes what was looked at of the files that the policy names
  static PolicyFile file(String path, List<Origin.Stamp> included) throws CommandException {
    return PolicyOptions.accept(read(path, included));
  }

  /// The profile of this name, else the file; `-` is standard input.
  static Parsed<PolicyFile> parse(String policy) throws CommandException {
    if (profiles().contains(policy)) {
      return new Parsed.Accepted<>(PolicyFile.of(profile(policy), List.of()));
    }
    if (!policy.equals(STDIN) && !Files.exists(path(policy))) {
      throw new CommandException("there is neither a profile nor a file '" + policy + "'; " + didYouMean(policy));
    }
    return read(policy, new ArrayList<>());
  }

  private static Parsed<PolicyFile> read(String path, List<Origin.Stamp> included) throws CommandException {
    Parsed<PolicyFile> parsed = read(null, path, included);
    if (parsed instanceof Parsed.Accepted<PolicyFile>(PolicyFile file)) {
      for (Loss loss : file.losses()) {
        System.err.print("warder: not carried over: " + loss.problem().render());
      }
    }
    return parsed;
  }

  /// Reads a file and those that it names, which lie in its folder or below; `-` is standard input, which names none.
  ///
  /// @param format null to have it told apart by its content
  static Parsed<PolicyFile> read(Format format, String path) throws CommandException {
    return read(format, path, new ArrayList<>());
  }

  private static Parsed<PolicyFile> read(Format format, String path, List<Origin.Stamp> included) throws CommandException {
    try {
      if (path.equals(STDIN)) {
        return PolicyFiles.read(format, "stdin", null, System.in);
      }
      Path file = path(path);
      byte[] content = IncludedFiles.content(file);
      return PolicyFiles.read(format, path, part(path), content, new IncludedFiles(file, included));
    } catch (NoSuchFileException e) {
      throw new CommandException("there is no policy file " + path
          + (profiles().contains(path) ? "; did you mean --profile " + path + "?" : ""));
    } catch (IOException e) {
      throw new CommandException("cannot read the policy file " + path + ": " + Includes.reason(e));
    }
  }

  /// The file of a policy: all of the text, or what stands before the part of `FILE#PART`.
  static Path path(String policy) {
    int hash = policy.lastIndexOf('#');
    Path all = Path.of(policy);
    return hash > 0 && !Files.exists(all) ? Path.of(policy.substring(0, hash)) : all;
  }

  /// The part that is meant; null for all.
  private static String part(String policy) {
    return path(policy).equals(Path.of(policy)) ? null : policy.substring(policy.lastIndexOf('#') + 1);
  }

  private static String didYouMean(String wrong) {
    List<String> nearest = Suggestions.nearest(wrong, profiles());
    return nearest.isEmpty()
        ? "the profiles are " + String.join(", ", profiles())
        : "did you mean profile " + nearest.getFirst() + "?";
  }
}
