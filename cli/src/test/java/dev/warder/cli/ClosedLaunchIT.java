package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// While root launches, the launcher and process 1 hold what is root's, and belong to the program's user already. A process
/// of that user outside tries at each single system call to reach their memory, files, environment and root folder.
class ClosedLaunchIT {
  private static final int NOBODY = 65_534;

  @Test
  void nobodyOfTheProgramsUserGetsAtALaunch() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root launches as somebody else");
    Path work = Program.readableFolder("work");
    CProgram.build("faults/started.c", work.resolve("started"));
    Caller root = Caller.self().in(work);
    var faults = new Faults();
    int shapes = 0;
    for (FaultShape shape : FaultShape.all(root, work)) {
      if (shape.options().contains("-u") || shape.options().contains("--private-users")) {
        continue;                                            // the user is another
      }
      shapes++;
      List<Faults.Call> open = faults.openTo(NOBODY, shape.launch(root));
      if (shape.name().startsWith("locked mounts")) {
        assertOnlyTheMapsAreWritten(open);
      } else {
        assertThat(open).as(shape.name()).isEmpty();
      }
    }
    assertThat(shapes).isGreaterThan(20);
  }

  /// The kernel lets nobody write the maps of a process that is not dumpable. By then the root folder is the jail's, and what
  /// is open is shown in it or was handed over.
  private static void assertOnlyTheMapsAreWritten(List<Faults.Call> open) {
    var names = new TreeSet<String>();
    open.forEach(call -> names.add(call.role() + " " + call.name()));
    assertThat(names).containsExactly("inside close", "inside openat", "inside prctl", "inside write");
    assertThat(open).hasSize(7);
  }
}
