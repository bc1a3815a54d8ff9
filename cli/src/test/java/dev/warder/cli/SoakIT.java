package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Many launches in a row, and launchers killed at any moment: the machine is as it was. `-Dsoak.launches=10000` and
/// `-Dsoak.kills=1000` take a few minutes.
class SoakIT {
  private static final String LAUNCHES = System.getProperty("soak.launches", "300");
  private static final String KILLS = System.getProperty("soak.kills", "100");

  private static final int SECONDS = 600;

  @ForEachCaller
  void manyLaunchesLeaveNothingBehind(Caller caller) throws IOException {
    soak(caller, "launch", LAUNCHES);
  }

  @ForEachCaller
  void aLauncherKilledAtAnyMomentLeavesNothingBehind(Caller caller) throws IOException {
    soak(caller, "kill", KILLS);
  }

  private static void soak(Caller who, String how, String times) throws IOException {
    Path folder = Program.readableFolder("soak");
    Path soak = CProgram.build("faults/soak.c", folder.resolve("soak"));
    Path started = CProgram.build("faults/started.c", folder.resolve("started"));
    String image = folder.resolve("image").toString();
    Caller self = Caller.self().in(folder);
    assertThat(self.warder("build", "-o", image, "--", started.toString()).status()).isZero();
    var words = new ArrayList<String>();
    if (self.isRoot()) {
      words.addAll(List.of("unshare", "-m"));
    }
    words.add(soak.toString());
    if (!who.become().isEmpty()) {
      words.addAll(List.of("-u", Integer.toString(who.uid())));
    }
    words.addAll(List.of("-d", folder.toString(), how, times, image));
    var result = self.start(words).end(SECONDS);
    System.out.println("soak, " + who + ", " + how + ": " + result.out().replace("\n", "; "));
    assertThat(result.status()).as(result.out() + result.err()).isZero();
  }
}
