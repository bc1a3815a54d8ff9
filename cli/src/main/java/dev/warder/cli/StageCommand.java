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
/// the names of cached images, and the JVM. `stage FOLDER train` does what `run` does, so that the JVM writes down what it
/// loaded for a quick start; a JVM checks such a file against its own build, but not against the jars, hence the old one
/// is removed as soon as the jars are new.
final class StageCommand {
  private static final String START_FILE = "warder.aot";

  private StageCommand() {}

  static int run(List<String> words) throws CommandException {
    Path folder = Path.of(words.getFirst());
    try {
      if (words.contains("train")) {
        train();
      } else {
        Files.deleteIfExists(folder.resolve(START_FILE));
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

  private static void train() throws IOException, CommandException {
    Path folder = Files.createTempDirectory("warder");
    Path image = folder.resolve("image");
    Path policy = folder.resolve("policy.json");
    try (InputStream profile = ShippedProfiles.dockerFile()) {
      Files.copy(profile, policy);
    }
    List<List<String>> runs = List.of(
        List.of("--", "true"),
        List.of("--profile", "capejail", "--network=host", "--bind-ro", "/etc", "--timeout", "1s", "-E", "A=b", "true"),
        List.of("--system-call-filter=~@mount", "--rlimit=NOFILE=64", "--tmpfs=/a:size=1m", "true"),
        List.of("--policy", policy.toString(), "true"));
    try {
      for (List<String> options : runs) {
        var words = new ArrayList<String>();
        words.add(image.toString());
        words.addAll(options);
        ImageCommand.run(words);
      }
      List<String> out = List.of("--format=bpf", "--output", image.toString());
      for (List<String> options : List.of(
          List.of("--profile=docker"),
          List.of("--profile=docker", "--capability=SYS_ADMIN"),
          List.of("--policy", policy.toString()))) {
        var words = new ArrayList<String>(options);
        words.addAll(out);
        CompileCommand.run(words);
      }
    } finally {
      Files.deleteIfExists(image);
      Files.delete(policy);
      Files.delete(folder);
    }
  }
}
