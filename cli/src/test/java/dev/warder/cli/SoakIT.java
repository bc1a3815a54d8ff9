package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Many launches in a row, and launchers killed at any moment: the machine is as it was. `-Dsoak.launches=10000` and
/// `-Dsoak.kills=1000` take a few minutes; `-Dsoak.others=500` is for both, of each of the other shapes.
class SoakIT {
  private static final String LAUNCHES = System.getProperty("soak.launches", "300");
  private static final String KILLS = System.getProperty("soak.kills", "100");
  private static final String OTHERS = System.getProperty("soak.others", "25");

  /// What a jail can have on the host beyond processes and mounts.
  private static final List<String> SHAPES = List.of("control groups", "a result of control groups", "a terminal", "overlays",
      "mounts of other kinds", "files in memory", "a range of ids", "a range around the own id", "clocks", "locked mounts");

  private static final int SECONDS = 900;

  @ForEachCaller
  void manyLaunchesLeaveNothingBehind(Caller caller) throws IOException {
    soak(caller, List.of("default"), Map.of("launch", LAUNCHES));
  }

  @ForEachCaller
  void aLauncherKilledAtAnyMomentLeavesNothingBehind(Caller caller) throws IOException {
    soak(caller, List.of("default"), Map.of("kill", KILLS));
  }

  @ForEachCaller
  void neitherDoJailsOfOtherShapes(Caller caller) throws IOException {
    soak(caller, SHAPES, Map.of("launch", OTHERS, "kill", OTHERS));
  }

  /// @param times how often, by what is done
  private static void soak(Caller who, List<String> names, Map<String, String> times) throws IOException {
    Path folder = Program.readableFolder("soak");
    Path soak = CProgram.build("faults/soak.c", folder.resolve("soak"));
    CProgram.build("faults/started.c", folder.resolve("started"));
    Caller caller = who.in(folder);
    for (FaultShape shape : FaultShape.all(caller, folder)) {
      if (names.contains(shape.name())) {
        FaultShape.Launch launch = shape.launch(caller);
        for (String how : times.keySet()) {
          var result = Caller.self().in(folder).start(launch.by(soak, how, times.get(how))).end(SECONDS);
          System.out.println("soak, " + who + ", " + shape.name() + ", " + how + ": " + result.out().replace("\n", "; "));
          assertThat(result.status()).as(shape.name() + ": " + result.out() + result.err()).isZero();
        }
      }
    }
  }
}
