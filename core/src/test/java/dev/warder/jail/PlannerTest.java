package dev.warder.jail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Capability;
import dev.warder.filter.Filter;
import dev.warder.filter.Insn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The order of the steps that show files.
class PlannerTest {
  private static Plan plan(FileSystem files, Capability... kept) {
    return plan(files, Network.NONE, kept);
  }

  private static Plan plan(FileSystem files, Network network, Capability... kept) {
    return plan(files, network, new Privileges(Optional.empty(), Optional.empty(), Set.of(kept)));
  }

  private static Plan plan(FileSystem files, Network network, Privileges privileges) {
    var filter = new Filter(List.of(new Insn(0x06, 0, 0, 0x7fff0000)), false);
    return Planner.plan(new JailSpec(files, privileges, ProcessAttributes.USUAL, "h",
        network, Landlock.AUTO, Resources.UNBOUNDED, filter, Origin.NONE, List.of("true")));
  }

  @Test
  void withoutAUserNamespaceMountsArePartedFirstAndRootIsLeftLast() {
    Plan plan = plan(FileSystem.HOST, Network.NONE,
        new Privileges(Optional.empty(), Optional.empty(), Set.of(Capability.CAP_CHOWN), false));
    assertThat(names(plan.launcher())).startsWith("RequireRoot", "Say").containsSubsequence("BecomeUser", "EnterNamespaces");
    assertThat(names(plan.inside())).startsWith("PartMounts", "ActAsUser").doesNotContain("MapIds", "ForgetRoot", "TakeSources")
        .containsSubsequence("MountProc", "GuardProc", "MakeDevices", "PivotRoot", "LeaveRoot", "LimitCapabilities",
            "DieWithLauncher", "ForbidNewPrivileges");
  }

  private static FileSystem with(Mount... mounts) {
    return new FileSystem(Optional.empty(), FileSystem.RootMode.READ_ONLY, List.of(mounts), Optional.empty());
  }

  private static List<String> names(List<Step> steps) {
    var names = new ArrayList<String>();
    for (Step step : steps) {
      names.add(step.getClass().getSimpleName());
    }
    return names;
  }

  @Test
  void dataIsReadBeforeTheCallersFilesAreClosed() {
    Plan plan = plan(with(new Mount.Data(3, "/a", 0400)));
    assertThat(names(plan.launcher())).containsSubsequence("CheckStandardFiles", "ReadData", "CloseFiles");
    assertThat(names(plan.inside())).containsSubsequence("MakeData", "MakeRoot", "Attach", "SealRoot", "PivotRoot");
  }

  @Test
  void contentThatStandsInTheImageIsReadFromNowhere() {
    var content = new Mount.Content("/b", new byte[] {1, 2}, 0400);
    Plan plan = plan(with(content, new Mount.Data(3, "/c", 0400)));
    assertThat(names(plan.launcher())).containsOnlyOnce("ReadData");
    assertThat(names(plan.inside())).containsSubsequence("MakeData", "MakeRoot", "Attach", "Attach", "SealRoot", "PivotRoot");
    assertThat(names(plan(with(content)).launcher())).doesNotContain("ReadData");
    assertThat(names(plan(with()).inside())).doesNotContain("MakeData");
  }

  @Test
  void contentIsComparedByByteAndKept() {
    byte[] bytes = {1, 2};
    var content = new Mount.Content("/b", bytes, 0400);
    bytes[0] = 9;
    content.bytes()[1] = 9;
    assertThat(content).isEqualTo(new Mount.Content("/b", new byte[] {1, 2}, 0400))
        .isNotEqualTo(new Mount.Content("/b", new byte[] {1, 3}, 0400))
        .isNotEqualTo(new Mount.Content("/b", new byte[] {1, 2}, 0444))
        .isNotEqualTo(new Mount.Content("/c", new byte[] {1, 2}, 0400));
    assertThatIllegalArgumentException().isThrownBy(() -> new Mount.Content("/b", new byte[(64 << 10) + 1], 0400));
    assertThatIllegalArgumentException().isThrownBy(() -> new Mount.Content("/b", bytes, 01000));
    assertThatIllegalArgumentException().isThrownBy(() -> new Mount.Content("/b/..", bytes, 0400));
  }

  @Test
  void layersArePutTogetherInMountsOfTheLaunchersOwn() {
    Plan plan = plan(with(new Mount.Overlay(List.of("/a"), new Mount.Changes.InMemory(), "/b")));
    assertThat(names(plan.launcher())).containsSubsequence("OwnMounts", "TakeSources", "BecomeUser");
    assertThat(names(plan.sources())).contains("TakeOverlay");
    Plan volatileRoot = plan(new FileSystem(Optional.of("/r"), FileSystem.RootMode.VOLATILE, List.of(), Optional.empty()));
    assertThat(names(volatileRoot.launcher())).containsSubsequence("OwnMounts", "TakeSources");
  }

  @Test
  void mountsAreLockedWhenAllAreMadeAndOnlyForWhoMayUndoThem() {
    assertThat(names(plan(FileSystem.HOST, Capability.CAP_SYS_ADMIN).inside()))
        .containsSubsequence("PivotRoot", "LockMounts", "RaiseLoopback", "SetHostname", "LimitCapabilities")
        .containsOnlyOnce("RaiseLoopback", "SetHostname");
    assertThat(names(plan(FileSystem.HOST, Capability.CAP_NET_ADMIN).inside()))
        .containsSubsequence("RaiseLoopback", "SetHostname", "MakeRoot").doesNotContain("LockMounts");
  }

  @Test
  void anExistingNetworkIsEnteredAsTheCallerAndNeitherMadeNorChanged() {
    Plan plan = plan(FileSystem.HOST, new Network.Existing("/run/netns/a"), Capability.CAP_SYS_ADMIN);
    assertThat(names(plan.launcher())).containsSubsequence("TakeSources", "JoinNetwork", "BecomeUser", "EnterNamespaces");
    assertThat(plan.launcher()).contains(new Step.EnterNamespaces(true, false, true));
    assertThat(plan.inside()).contains(new Step.LockMounts(true), new Step.MakeRuleset(false, true, false));
    assertThat(names(plan.inside())).doesNotContain("RaiseLoopback");
  }

  @Test
  void aNetworkInUserSpaceIsThereBeforeTheProgramStarts() {
    var pasta = new Network.UserMode(Network.Helper.PASTA, List.of(new Network.Port(false, "127.0.0.1", 8080, 80)));
    Plan plan = plan(FileSystem.HOST, pasta);
    assertThat(names(plan.launcher())).endsWith("EnterNamespaces", "StartNetwork");
    assertThat(plan.launcher()).contains(new Step.EnterNamespaces(false, false, true));
    assertThat(names(plan.inside())).containsSubsequence("RaiseLoopback", "AwaitNetwork", "MakeRoot", "ShowResolver", "PivotRoot")
        .doesNotContain("MakeRuleset");
    assertThat(names(plan(FileSystem.HOST, pasta, Capability.CAP_SYS_ADMIN).inside()))
        .containsSubsequence("LockMounts", "RaiseLoopback", "AwaitNetwork", "LimitCapabilities");
    assertThat(pasta.command()).containsSubsequence("--no-map-gw", "-T", "none", "-U", "none", "-t", "127.0.0.1/8080:80", "-u", "none");
  }

  @Test
  void anOrdinaryJailHasNoStepThatNobodyAskedFor() {
    Plan plan = plan(with(new Mount.Bind("/a", "/b", true)));
    assertThat(names(plan.launcher())).doesNotContain("ReadData", "OwnMounts", "JoinNetwork", "StartNetwork");
    assertThat(names(plan.inside())).doesNotContain("MakeData", "LockMounts")
        .containsSubsequence("MountProc", "MaskProc", "Attach", "SealRoot");
  }

  @Test
  void settingsOfANetworkAreWritableForWhoKeepsTheCapabilityOverItsOwn() {
    Predicate<Plan> writable = plan -> plan.inside().stream()
        .anyMatch(step -> step instanceof Step.MaskProc mask && mask.writable().equals(Optional.of("sys/net")));
    assertThat(plan(FileSystem.HOST, Capability.CAP_NET_ADMIN)).matches(writable);
    assertThat(plan(FileSystem.HOST, Network.HOST, Capability.CAP_NET_ADMIN)).matches(writable.negate());
    assertThat(plan(FileSystem.HOST, Capability.CAP_SYS_ADMIN)).matches(writable.negate());
  }

  private static List<Step> withLandlock(Landlock landlock, boolean isShared, int action) {
    var filter = new Filter(List.of(new Insn(0x20, 0, 0, 4), new Insn(0x15, 0, 0, Arch.X86_64.auditArch()),
        new Insn(0x06, 0, 0, action)), false);
    return Planner.plan(new JailSpec(FileSystem.HOST, Privileges.NONE, ProcessAttributes.USUAL, "h", isShared ? Network.HOST : Network.NONE, landlock,
        Resources.UNBOUNDED, filter, Origin.NONE, List.of("true"))).inside();
  }

  @Test
  void rulesAreBegunBeforeTheMountsAndEnforcedBehindThem() {
    int deny = 0x50001;
    assertThat(withLandlock(Landlock.AUTO, false, deny)).contains(new Step.MakeRuleset(true, false, false));
    assertThat(withLandlock(Landlock.AUTO, true, deny)).contains(new Step.MakeRuleset(true, true, false));
    assertThat(withLandlock(Landlock.REQUIRE, false, deny)).contains(new Step.MakeRuleset(true, false, true));
    assertThat(names(withLandlock(Landlock.AUTO, false, deny))).containsSubsequence("MakeRuleset", "MakeRoot", "MountProc", "PivotRoot",
        "ForbidNewPrivileges", "EnterDomain", "CloseFiles");
    assertThat(names(withLandlock(Landlock.OFF, true, deny))).doesNotContain("MakeRuleset", "EnterDomain");
  }

  @Test
  void whoMayMountHasRulesOnFilesOnlyIfTheyAreRequired() {
    int allow = 0x7fff0000;
    assertThat(names(withLandlock(Landlock.AUTO, false, allow))).contains("LeaveFilesToMounts")
        .doesNotContain("MakeRuleset", "EnterDomain");
    assertThat(withLandlock(Landlock.AUTO, true, allow)).contains(new Step.MakeRuleset(false, true, false));
    assertThat(withLandlock(Landlock.REQUIRE, true, allow)).contains(new Step.MakeRuleset(true, true, true));
    assertThat(names(plan(FileSystem.HOST).inside())).as("a filter that asks for no ABI").contains("LeaveFilesToMounts");
  }
}
