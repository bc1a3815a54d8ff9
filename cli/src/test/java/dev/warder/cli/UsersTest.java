package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warder.jail.Identity;
import java.util.List;
import org.junit.jupiter.api.Test;

class UsersTest {
  @Test
  void numbersNeedNoEntry() throws CommandException {
    assertThat(Users.identity("54321")).isEqualTo(new Identity(54321, 54321, "54321"));
    assertThat(Users.identity("54321:77")).isEqualTo(new Identity(54321, 77, "54321"));
  }

  @Test
  void namesAndNumbersOfTheHostMeanTheSame() throws CommandException {
    Identity daemon = Users.identity("daemon");
    assertThat(Users.identity(Integer.toString(daemon.uid()))).isEqualTo(daemon);
    assertThat(Users.identity("daemon:12")).isEqualTo(new Identity(daemon.uid(), 12, "daemon"));
  }

  @Test
  void othersAreRefused() {
    record Row(String user, String message) {}
    for (Row row : List.of(
        new Row("", "there is no user '' in /etc/passwd"),
        new Row("no-such-user", "there is no user 'no-such-user' in /etc/passwd; give a number, as in -u 1000"),
        new Row("root", "a jailed program cannot be root of the host"),
        new Row("0", "a jailed program cannot be root of the host"),
        new Row("1000:0", "a jailed program cannot be root of the host"),
        new Row("1000:", "not a user or group id: ''"),
        new Row("1000:users", "not a user or group id: 'users'"),
        new Row("4294967295", "not a user or group id: '4294967295'"),
        new Row("99999999999999999999", "not a user or group id: '99999999999999999999'"),
        new Row("-1", "there is no user '-1' in /etc/passwd"),
        new Row("1000:-1", "not a user or group id: '-1'"))) {
      assertThatThrownBy(() -> Users.identity(row.user)).as(row.user).isInstanceOf(CommandException.class)
          .hasMessageStartingWith(row.message);
    }
  }
}
