package dev.warder.host;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How an image ended that was started to see whether this host lets it.
///
/// @param status its exit value; -1 if it could not be started or did not end in time
/// @param why what it could not do, or what was in its way; empty if it did all
/// @param remedy as the image tells it; may be empty
public record Trial(int status, String why, String remedy) {
  private static final int SECONDS = 5;
  private static final Pattern FAILURE = Pattern.compile("warder: (.*?: (?:E[A-Z0-9]+|error \\d+)): (.*)");

  public boolean passed() {
    return status == 0;
  }

  /// Starts the image in the root folder and waits for five seconds at most. It changes nothing but a file in a folder of
  /// its own, which is removed.
  ///
  /// @param folders where it may be put, the first that allows to execute it
  public static Trial of(byte[] image, List<Path> folders) {
    String why = "";
    for (Path folder : folders) {
      try (JailImage jail = JailImage.in(folder, image)) {
        return start(jail);
      } catch (IOException e) {
        why = e.getMessage();
      }
    }
    return new Trial(-1, "no image can be started: " + why, "");
  }

  private static Trial start(JailImage jail) throws IOException {
    Process process = jail.builder().directory(new File("/")).redirectErrorStream(true)
        .redirectInput(new File("/dev/null")).start();
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return new Trial(-1, "no end within " + SECONDS + " seconds", "");
      }
      return ended(process.exitValue(), new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Trial(-1, "interrupted", "");
    } finally {
      process.destroyForcibly();
    }
  }

  static Trial ended(int status, String output) {
    if (status == 0) {
      return new Trial(0, "", "");
    }
    for (String line : output.lines().toList()) {
      Matcher failure = FAILURE.matcher(line);
      if (failure.matches()) {
        return new Trial(status, failure.group(1), failure.group(2));
      }
    }
    return new Trial(status, "status " + status, "");
  }
}
