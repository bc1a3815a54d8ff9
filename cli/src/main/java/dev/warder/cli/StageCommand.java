package dev.warder.cli;

import dev.warder.format.ShippedProfiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Readies the folder that the front script runs from; the build calls it.
///
/// `stage FOLDER` writes the file `launch`, which the script reads: the build id, a digest of the jars and their place that stands in
/// the names of cached images, and the JVM. `stage FOLDER train` does what other commands do, so that the JVM writes down
/// what it loaded for a quick start: what `run` does with a policy, and `stage FOLDER train image` with a shipped profile,
/// `stage FOLDER train compile` what `compile` does. What stands in such a file costs time at each start, so that each has
/// one of its own. A JVM checks such a file against its own build, but not against the jars, hence the old ones are removed
/// as soon as the jars are new.
final class StageCommand {
  private static final List<String> START_FILES = List.of("warder.aot", "image.aot", "compile.aot");

  private static final List<List<String>> PLAIN = List.of(
      List.of("--", "true"),
      List.of("--hostname", "warder", "--network=host", "--bind-ro", "/etc", "--bind=/etc:/a:noexec", "--timeout", "1s",
          "-E", "A=b", "true"),
      List.of("--profile", "capejail", "--rlimit=NOFILE=64", "--tmpfs=/a:size=1m", "--memory=64M", "--pids=9", "true"));

  private StageCommand() {}

  static int run(List<String> words) throws CommandException {
    Path folder = Path.of(words.getFirst());
    try {
      if (words.contains("train")) {
        train(folder.resolve("training"), words.getLast());
      } else {
        for (String file : START_FILES) {
          Files.deleteIfExists(folder.resolve(file));
        }
        ReadyFilters.write(folder);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Files.writeString(folder.resolve("launch"), "build=" + digest(folder.resolve("lib")) + "\njava='" + java + "'\n");
      }
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new CommandException("cannot stage " + folder + ": " + e.getMessage());
    }
    return Status.OK;
  }

  private static String digest(Path lib) throws IOException, NoSuchAlgorithmException {
    var jars = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(lib)) {
      files.forEach(jars::add);
    }
    jars.sort(null);
    var digest = MessageDigest.getInstance("SHA-256");
    // An image may name the script that remakes it, so clones with equal jars must not share images.
    digest.update(lib.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
    for (Path jar : jars) {
      digest.update(Files.readAllBytes(jar));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /// @param folder made and removed again; a temporary one of the JVM's own would be trained for, too
  /// @param what `image`, `compile`, or another word for what is left
  private static void train(Path folder, String what) throws IOException, CommandException {
    Files.createDirectories(folder);
    Path out = folder.resolve("out");
    Path policy = folder.resolve("policy.json");
    try {
      if (!what.equals("image")) {
        try (InputStream profile = ShippedProfiles.dockerFile()) {
          Files.copy(profile, policy);
        }
      }
      if (what.equals("compile")) {
        compile(out, List.of("--profile=docker"));
        compile(out, List.of("--profile=docker", "--capability=SYS_ADMIN"));
        compile(out, List.of("--policy", policy.toString()));
      } else {
        for (List<String> options : PLAIN) {
          compileImage(out, options);
        }
      }
      if (what.equals("train")) {
        compileImage(out, List.of("--system-call-filter=~@mount", "true"));
        compileImage(out, List.of("--policy", policy.toString(), "true"));
      }
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(policy);
      Files.delete(folder);
    }
  }

  private static void compileImage(Path image, List<String> options) throws CommandException {
    var words = new ArrayList<String>();
    words.add(image.toString());
    words.addAll(options);
    ImageCommand.run(words);
  }

  private static void compile(Path out, List<String> options) throws CommandException {
    var words = new ArrayList<String>(options);
    words.addAll(List.of("--format=bpf", "--output", out.toString()));
    CompileCommand.run(words);
  }
}
