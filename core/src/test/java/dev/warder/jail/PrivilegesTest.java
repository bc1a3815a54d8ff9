package dev.warder.jail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.catalog.Capability;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrivilegesTest {
  private static final IdMap MAP =
      new IdMap(List.of(new IdRange(0, 300_000, 1000), new IdRange(1000, 1000, 1)), List.of(new IdRange(0, 400_000, 50)));

  private static Privileges of(Identity identity, Optional<IdMap> map, Capability... kept) {
    return new Privileges(Optional.of(identity), map, Set.of(kept));
  }

  private static Identity user(int uid, int gid, Integer... groups) {
    return new Identity(uid, gid, "user", List.of(groups), Optional.empty());
  }

  @Test
  void idsOfTheJailStandForTheHosts() {
    assertThat(of(user(33, 7, 0, 49), Optional.of(MAP)).onHost()).isEqualTo(user(300_033, 400_007, 400_000, 400_049));
    assertThat(of(user(1000, 0), Optional.of(MAP)).onHost()).isEqualTo(user(1000, 400_000));
    assertThat(Privileges.NONE.onHost()).isEqualTo(Identity.NOBODY);
  }

  @Test
  void idsWithoutAMapAreTheHostsAndNotRoots() {
    for (Identity identity : List.of(user(0, 5), user(5, 0), user(5, 5, 0))) {
      assertThatThrownBy(() -> of(identity, Optional.empty())).hasMessageContaining("is root's of the host");
    }
    for (Identity identity : List.of(user(1001, 5), user(5, 50), user(5, 5, 50))) {
      assertThatThrownBy(() -> of(identity, Optional.of(MAP))).hasMessageContaining("is not mapped");
    }
    assertThatThrownBy(() -> new IdRange(0, 0, 1)).hasMessageContaining("no range of ids");
    assertThatThrownBy(() -> new IdRange(0, Integer.MAX_VALUE, 1)).hasMessageContaining("no range of ids");
  }

  @Test
  void groupsNeedMapsOfTheirOwnIdsAlone() {
    assertThat(Privileges.NONE.mapsByRoot()).isEmpty();
    assertThat(of(user(5, 5), Optional.empty()).mapsByRoot()).isEmpty();
    IdMap maps = of(user(5, 20, 21, 100, 19), Optional.empty()).mapsByRoot().orElseThrow();
    assertThat(IdRange.lines(maps.uids())).isEqualTo("5 5 1\n");
    assertThat(IdRange.lines(maps.gids())).isEqualTo("19 19 3\n100 100 1\n");
  }

  @Test
  void groupsStayAsTheyAreUnlessTheUserIsAnotherOrMayChangeThem() {
    assertThat(of(user(1000, 5), Optional.of(MAP)).replacesGroups()).isFalse();
    assertThat(of(user(1000, 5), Optional.of(MAP), Capability.CAP_SETGID).replacesGroups()).isTrue();
    assertThat(of(user(1000, 5, 6), Optional.of(MAP)).replacesGroups()).isTrue();
    assertThat(of(user(33, 5), Optional.of(MAP)).replacesGroups()).isTrue();
    assertThat(of(user(5, 5), Optional.empty(), Capability.CAP_SETGID).mayChangeGroups()).isFalse();
  }

  @Test
  void withoutAUserNamespaceThereIsNoMapAndNoCapabilityOverMounts() {
    Privileges root = without(user(0, 0), Capability.CAP_CHOWN);
    assertThat(root.mapsByRoot()).isEmpty();
    assertThat(root.onHost().uid()).isZero();
    assertThat(HostReach.of(root)).hasSize(2).first().asString().contains("root of this host");
    assertThat(HostReach.of(without(user(5, 5, 0)))).hasSize(1).first().asString().contains("root's group");
    assertThat(HostReach.of(without(user(5, 5)))).isEmpty();
    assertThatThrownBy(() -> without(user(5, 5), Capability.CAP_SYS_ADMIN)).hasMessageContaining("CAP_SYS_ADMIN");
    assertThatThrownBy(() -> new Privileges(Optional.of(user(5, 5)), Optional.of(MAP), Set.of(), false))
        .hasMessageContaining("ids are mapped by a user namespace");
  }

  private static Privileges without(Identity identity, Capability... kept) {
    return new Privileges(Optional.of(identity), Optional.empty(), Set.of(kept), false);
  }

  @Test
  void aMapIsNoLongerThanTheKernelTakes() {
    List<IdRange> many = IntStream.range(0, 340).mapToObj(i -> new IdRange(100_000 + 2 * i, 100_000 + 2 * i, 1)).toList();
    assertThatThrownBy(() -> new IdMap(many, many)).hasMessage("more ranges of ids than the kernel takes");
    var groups = IntStream.range(0, 500).mapToObj(i -> 100_000 + 2 * i).toArray(Integer[]::new);
    assertThatThrownBy(() -> of(user(5, 5, groups), Optional.empty())).hasMessage("more ranges of ids than the kernel takes");
    assertThat(new IdMap(many.subList(0, 200), many.subList(0, 200)).uids()).hasSize(200);
  }
}
