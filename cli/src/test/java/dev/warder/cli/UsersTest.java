package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
  @TempDir
  Path root;

  private Users users() throws IOException, CommandException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/passwd"), """
        root:x:0:0:root:/root:/bin/sh
        # no entry
        short:x:5
        build:x:1001:1001:Builder,,,:/home/build:/bin/sh
        bad:x:-5:77:::
        """);
    Files.writeString(root.resolve("etc/group"), """
        root:x:0:build
        build:x:1001:build
        dialout:x:20:other,build
        users:x:100:builder
        wheel:x:10:build,other
        again:x:20:build
        """);
    return AccountFiles.users(root);
  }

  @Test
  void numbersNeedNoEntry() throws CommandException, IOException {
    assertThat(users().identity("54321", true, false)).isEqualTo(new Identity(54321, 54321, "54321"));
    assertThat(users().identity("54321:77", true, false)).isEqualTo(new Identity(54321, 77, "54321"));
  }

  @Test
  void aUserHasItsGroupsOnce() throws CommandException, IOException {
    var expected = new Identity(1001, 1001, "build", List.of(20, 10), Optional.of("/home/build"));
    assertThat(users().identity("build", true, true)).isEqualTo(expected);
    assertThat(users().identity("1001", true, true)).isEqualTo(expected);
    assertThat(users().identity("build", false, true).groups()).as("mapped").containsExactly(0, 20, 10);
  }

  @Test
  void aGroupThatIsGivenStandsAlone() throws CommandException, IOException {
    assertThat(users().identity("build:12", true, false)).isEqualTo(new Identity(1001, 12, "build"));
  }

  @Test
  void rootIsOneOfTheMappedIdsOnly() throws CommandException, IOException {
    assertThat(users().identity("root", false, true)).isEqualTo(new Identity(0, 0, "root", List.of(), Optional.of("/root")));
  }

  @Test
  void othersAreRefused() throws CommandException, IOException {
    record Row(String user, String message) {}
    for (Row row : List.of(
        new Row("", "there is no user '' in " + root + "/etc/passwd"),
        new Row("no-such-user", "there is no user 'no-such-user' in " + root + "/etc/passwd; give a number, as in -u 1000"),
        new Row("short", "there is no user 'short'"),
        new Row("root", "a jailed program cannot be root of the host"),
        new Row("0", "a jailed program cannot be root of the host"),
        new Row("1000:0", "a jailed program cannot be root of the host"),
        new Row("bad", "not a user or group id: '-5'"),
        new Row("1000:", "not a user or group id: ''"),
        new Row("1000:users", "not a user or group id: 'users'"),
        new Row("4294967295", "not a user or group id: '4294967295'"),
        new Row("99999999999999999999", "not a user or group id: '99999999999999999999'"),
        new Row("-1", "there is no user '-1' in "),
        new Row("1000:-1", "not a user or group id: '-1'"))) {
      Users users = users();
      assertThatThrownBy(() -> users.identity(row.user, true, false)).as(row.user).isInstanceOf(CommandException.class)
          .hasMessageStartingWith(row.message);
    }
  }

  /// They would lead to the host's files, or never end.
  @Test
  void filesOfAForeignRootAreNoLinksNorEndless() throws CommandException, IOException {
    users();
    Files.delete(root.resolve("etc/passwd"));
    assertThat(AccountFiles.users(root).passwd()).isEmpty();
    Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/etc/passwd"));
    assertRefused(root);
    Path other = Files.createDirectory(root.resolve("other"));
    Files.createSymbolicLink(other.resolve("etc"), Path.of("/etc"));
    assertRefused(other);
    Path third = Files.createDirectories(root.resolve("third/etc")).getParent();
    Files.createDirectory(third.resolve("etc/passwd"));
    assertRefused(third);
    Path fourth = Files.createDirectories(root.resolve("fourth/etc")).getParent();
    Files.write(fourth.resolve("etc/passwd"), new byte[(1 << 20) + 1]);
    assertRefused(fourth);
  }

  private static void assertRefused(Path root) {
    assertThatThrownBy(() -> AccountFiles.users(root)).isInstanceOf(CommandException.class)
        .hasMessageContaining("it must be a plain file without links");
  }
}
