package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.catalog.Catalog;
import dev.warder.image.ImageWriter;
import dev.warder.jail.Planner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Every capability by its name, in the five sets of the program.
class CapabilitiesIT {
  private static final String READ_SETS = "^Cap";

  @ForEachCaller
  void eachIsKeptInAllFiveSetsAlone(Caller caller) throws IOException, CommandException {
    Path image = Program.readableFolder("capability").resolve("jail");
    for (Capability capability : Capability.values()) {
      write(image, "--capability", capability.name().substring("CAP_".length()).toLowerCase());
      assertSets(caller, image, 1L << capability.ordinal());
    }
  }

  @ForEachCaller
  void eachIsDroppedFromAllFiveSetsAlone(Caller caller) throws IOException, CommandException {
    Path image = Program.readableFolder("capability").resolve("jail");
    long all = (1L << Capability.values().length) - 1;
    for (Capability capability : Capability.values()) {
      write(image, "--capability=all", "--drop-capability", capability.name());
      assertSets(caller, image, all & ~(1L << capability.ordinal()));
    }
  }

  private static void assertSets(Caller caller, Path image, long mask) {
    var jail = caller.start(List.of(image.toString())).end();
    assertThat(jail.lines()).as(jail.err()).map(line -> line.substring(0, 6)).containsExactly(
        "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");
    assertThat(jail.lines()).allMatch(line -> line.endsWith("\t%016x".formatted(mask)));
  }

  private static void write(Path image, String... options) throws IOException, CommandException {
    var arguments = Arguments.parse(JailOptions.all(), List.of(options));
    var plan = Planner.plan(JailOptions.spec(arguments, List.of("grep", READ_SETS, "/proc/self/status")));
    Program.executable(image, ImageWriter.write(plan, Catalog.get().table(Arch.X86_64)));
  }

  /// PR_GET_SECUREBITS is 27, PR_SET_SECUREBITS 28.
  @ForEachCaller
  void secureBitsAreSetAndLocked(Caller caller) {
    Tools.need("perl");
    String look = "print syscall(157, 27, 0, 0, 0, 0)";
    assertThat(caller.run("perl", "-e", look).out()).isEqualTo(Integer.toString(0xEF));
    assertThat(caller.run("--capability=SETPCAP,CHOWN", "perl", "-e", look).out()).isEqualTo(Integer.toString(0x0B));
    var jail = caller.run("--capability=SETPCAP", "perl", "-e", "print syscall(157, 28, 0, 0, 0, 0), ' ', $!{EPERM} ? 1 : 0");
    assertThat(jail.out()).as("locked also for who may set them" + jail.err()).isEqualTo("-1 1");
  }
}
