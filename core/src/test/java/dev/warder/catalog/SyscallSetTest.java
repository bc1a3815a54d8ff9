package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

class SyscallSetTest {
  private final Catalog catalog = Catalog.get();

  @Test
  void everyMemberIsACallOfTheCatalogOrForeign() {
    for (SyscallSet set : catalog.sets().values()) {
      for (String name : set.syscalls()) {
        assertThat(catalog.syscall(name).isPresent() ^ catalog.foreign().contains(name)).as(name).isTrue();
      }
    }
  }

  @Test
  void foreignNamesAreThoseOfOtherArchitecturesAndTwoMore() {
    assertThat(catalog.foreign()).hasSize(56).contains("osf_sigprocmask", "llseek", "newfstat", "fstatat");
    assertThat(catalog.set("@known").orElseThrow().syscalls()).filteredOn(catalog.foreign()::contains).hasSize(54);
    assertThat(catalog.foreign()).filteredOn(name -> !known().contains(name)).containsExactly("fstatat", "newfstat");
  }

  @Test
  void nestedSetsExistAndNoSetHoldsItself() {
    for (SyscallSet set : catalog.sets().values()) {
      assertThat(nested(set, new HashSet<>())).doesNotContain(set.name());
    }
  }

  private Set<String> nested(SyscallSet set, Set<String> seen) {
    for (String name : set.sets()) {
      if (seen.add(name)) {
        nested(catalog.set(name).orElseThrow(), seen);
      }
    }
    return seen;
  }

  /// The source adds these by hand to sets, but not to `@known`.
  @Test
  void knownHoldsAllOtherSetsButThreeNames() {
    for (SyscallSet set : catalog.sets().values()) {
      assertThat(catalog.expand(set)).filteredOn(name -> !known().contains(name))
          .isSubsetOf("fstatat", "newfstat", "nfsservctl");
    }
  }

  @Test
  void knownHoldsAllCallsButThree() {
    assertThat(catalog.syscallNames()).filteredOn(name -> !known().contains(name))
        .containsExactly("arm_sync_file_range", "fchroot", "nfsservctl");
  }

  private SortedSet<String> known() {
    return catalog.expand(catalog.set("@known").orElseThrow());
  }

  @Test
  void setsHaveTheDirectMembersOfTheSource() {
    assertThat(catalog.sets()).hasSize(30);
    SyscallSet service = catalog.set("@system-service").orElseThrow();
    assertThat(service.syscalls()).hasSize(45);
    assertThat(service.sets()).containsExactly("@aio", "@basic-io", "@chown", "@default", "@file-system", "@io-event",
        "@ipc", "@keyring", "@memlock", "@network-io", "@process", "@resources", "@setuid", "@signal", "@sync",
        "@timer");
    assertThat(catalog.set("@known").orElseThrow().syscalls()).hasSize(538);
    assertThat(catalog.set("@default").orElseThrow().sets()).containsExactly("@sandbox");
    assertThat(catalog.set("@swap")).hasValue(new SyscallSet("@swap", List.of("swapoff", "swapon"), List.of()));
    assertThat(catalog.set("swap")).isEmpty();
  }

  @Test
  void expandFollowsNestedSets() {
    var service = catalog.expand(catalog.set("@system-service").orElseThrow());
    assertThat(service).contains("read", "seccomp", "landlock_create_ruleset", "openat2")
        .doesNotContain("mount", "ptrace", "@default");
  }

  @Test
  void expandRefusesASetWithAnUnknownOneInside() {
    assertThatThrownBy(() -> catalog.expand(new SyscallSet("@mine", List.of(), List.of("@theirs"))))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("@theirs");
  }
}
