package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static Arguments parse(String... words) throws CommandException {
    return Arguments.parse(JailOptions.all(), List.of(words));
  }

  @Test
  void optionsEndAtTheCommandOrAtTwoDashes() throws CommandException {
    assertThat(parse("--read-only", "ls", "--read-only").rest()).containsExactly("ls", "--read-only");
    assertThat(parse("--read-only", "--", "--odd", "-x").rest()).containsExactly("--odd", "-x");
    assertThat(parse("--hostname", "a", "ls", "--", "x").rest()).containsExactly("ls", "--", "x");
    assertThat(parse("-").rest()).containsExactly("-");
    assertThat(parse().rest()).isEmpty();
  }

  @Test
  void optionsOfACommandThatRunsNoOtherStandAnywhere() throws CommandException {
    for (List<String> words : List.of(
        List.of("x", "--hostname", "a", "y"), List.of("--hostname=a", "x", "y"), List.of("x", "y", "--hostname", "a"))) {
      Arguments arguments = Arguments.anywhere(JailOptions.all(), words);
      assertThat(arguments.rest()).as(words.toString()).containsExactly("x", "y");
      assertThat(arguments.value("hostname")).isEqualTo("a");
    }
    assertThat(Arguments.anywhere(JailOptions.all(), List.of("-", "-v", "--", "-x")).rest()).containsExactly("-", "-x");
    assertThatThrownBy(() -> Arguments.anywhere(JailOptions.all(), List.of("x", "--hostname")))
        .hasMessage("--hostname needs a value: --hostname NAME");
    assertThatThrownBy(() -> Arguments.anywhere(JailOptions.all(), List.of("x", "--hostnam", "y")))
        .hasMessage("there is no option --hostnam; did you mean --hostname?");
  }

  @Test
  void valuesStandBehindOrBesideTheOption() throws CommandException {
    for (Arguments arguments : List.of(parse("-D", "/a"), parse("-D/a"), parse("--directory", "/a"), parse("--directory=/a"))) {
      assertThat(arguments.value("directory")).isEqualTo("/a");
    }
    assertThat(parse("--bind=a=b").value("bind")).isEqualTo("a=b");
    assertThat(parse("-EA=b", "-E=", "-E-v", "-E", "A=b").values("setenv")).containsExactly("A=b", "=", "-v", "A=b");
    assertThat(parse("--chdir=\"quoted\"").value("chdir")).isEqualTo("\"quoted\"");
  }

  @Test
  void listsAddUpAndOfOthersTheLastCounts() throws CommandException {
    assertThat(parse("--system-call-filter=a", "--system-call-filter", "b").values("system-call-filter"))
        .containsExactly("a", "b");
    assertThat(parse("--hostname=a", "--hostname=b").value("hostname")).isEqualTo("b");
    assertThat(parse().value("hostname")).isNull();
  }

  @Test
  void mistakesAreToldWithTheRemedy() {
    record Row(List<String> words, String message) {}
    for (Row row : List.of(
        new Row(List.of("--profle=strict"), "there is no option --profle; did you mean --profile?"),
        new Row(List.of("--frobnicate"), "there is no option --frobnicate; see warder --help"),
        new Row(List.of("-x"), "there is no option -x; see warder --help"),
        new Row(List.of("--read-only=yes"), "--read-only takes no value"),
        new Row(List.of("--hostname"), "--hostname needs a value: --hostname NAME"),
        new Row(List.of("--hostname", "--read-only", "ls"), "--hostname needs a value: --hostname NAME"),
        new Row(List.of("-network", "host"), "there is no option -network; did you mean --network?"),
        new Row(List.of("-networkhost"), "there is no option -networkhost; see warder --help"),
        new Row(List.of("-vu", "1000"), "-vu: give -v as a word of its own"),
        new Row(List.of("--hostname=\uFFFD"), "an argument is not valid UTF-8: --hostname=\uFFFD"))) {
      assertThatThrownBy(() -> parse(row.words.toArray(String[]::new))).as(row.words.toString())
          .isInstanceOf(CommandException.class).hasMessage(row.message);
    }
  }
}
