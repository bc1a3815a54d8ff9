package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.host.Finding;
import dev.warder.host.Finding.State;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  @Test
  void prints() {
    String text = DoctorCommand.text(List.of(
        new Finding(State.OK, "kernel", "6.1", ""),
        new Finding(State.NOTE, "Landlock", "word ".repeat(17).strip(), ""),
        new Finding(State.MISSING, "namespaces", "refused \u001b[31m", "as root: sysctl; or else")));
    assertThat(text.lines()).containsExactly(
        "ok  kernel          6.1",
        "-   Landlock        " + "word ".repeat(16).strip(),
        "                    word",
        "no  namespaces      refused ?[31m",
        "    fix: as root: sysctl",
        "         or else");
  }

  @Test
  void findsTheCacheAsTheFrontScriptDoes() {
    assertThat(DoctorCommand.cache(0, "/elsewhere", "/root")).isEqualTo(Path.of("/var/cache/warder"));
    assertThat(DoctorCommand.cache(1000, "", "/home/ada")).isEqualTo(Path.of("/home/ada/.cache/warder"));
    assertThat(DoctorCommand.cache(1000, "/fast", "/home/ada")).isEqualTo(Path.of("/fast/warder"));
  }

  @Test
  void wrongWordsAreUsage() {
    for (String word : List.of("--nosuch", "kernel")) {
      var result = CommandLine.warder("doctor", word);
      assertThat(result.status()).isEqualTo(2);
      assertThat(result.err()).contains(word);
    }
  }
}
