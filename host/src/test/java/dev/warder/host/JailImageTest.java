package dev.warder.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.filter.FilterCompiler;
import dev.warder.image.ImageWriter;
import dev.warder.jail.FileSystem;
import dev.warder.jail.JailSpec;
import dev.warder.jail.Landlock;
import dev.warder.jail.Network;
import dev.warder.jail.Origin;
import dev.warder.jail.Planner;
import dev.warder.jail.Privileges;
import dev.warder.jail.ProcessAttributes;
import dev.warder.jail.Resources;
import dev.warder.policy.Action;
import dev.warder.policy.Profiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JailImageTest {
  private static byte[] shell() {
    var resolution = Profiles.named("default").orElseThrow().resolve(Arch.X86_64, Set.of());
    var spec = new JailSpec(
        new FileSystem(Optional.empty(), FileSystem.RootMode.READ_ONLY, List.of(), Optional.of("/tmp")), Privileges.NONE, ProcessAttributes.USUAL,
        "warder", Network.NONE, Landlock.AUTO, Resources.UNBOUNDED, FilterCompiler.compile(List.of(resolution), Action.KILL_PROCESS),
        Origin.NONE, List.of("/bin/sh"));
    return ImageWriter.write(Planner.plan(spec), Catalog.get().table(Arch.X86_64));
  }

  @Test
  void startsAJailAsAProcess() throws IOException, InterruptedException {
    try (JailImage image = JailImage.of(shell())) {
      Process jail = image.start("-c", "echo $$; exit 7");
      assertThat(new String(jail.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("2\n");
      assertThat(jail.waitFor()).isEqualTo(7);
    }
  }

  @Test
  void outlivesTheThreadThatStartedIt() throws IOException, InterruptedException {
    try (JailImage image = JailImage.of(shell())) {
      var started = new Process[1];
      Thread starter = Thread.ofPlatform().start(() -> {
        try {
          started[0] = image.start("-c", "read line; exit 5");
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      });
      starter.join();
      assertThat(started[0].waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
      started[0].getOutputStream().close();
      assertThat(started[0].waitFor()).isEqualTo(5);
    }
  }

  @Test
  void removesItsFile() throws IOException {
    JailImage image = JailImage.of(shell());
    image.close();
    assertThatThrownBy(() -> image.start("-c", "true")).isInstanceOf(IOException.class);
  }
}
