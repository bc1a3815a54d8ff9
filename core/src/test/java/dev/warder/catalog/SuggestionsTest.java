package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {
  @ParameterizedTest
  @CsvSource(textBlock = """
      # wrong         best
      opnat2,         openat2
      OPENAT,         openat
      raed,           read
      scoket,         socket
      @file-sytem,    @file-system
      file-system,    @file-system
      @netwrok-io,    @network-io
      """)
  void theNearestNameComesFirst(String wrong, String best) {
    assertThat(Catalog.get().suggestions(wrong)).first().isEqualTo(best);
  }

  @ParameterizedTest
  @CsvSource({"xyzzy_frobnicate", "''", "@", "qq"})
  void namesFarFromAnyGetNone(String wrong) {
    assertThat(Catalog.get().suggestions(wrong)).isEmpty();
  }

  @Test
  void thereAreAtMostThree() {
    assertThat(Catalog.get().suggestions("getuid")).hasSize(3).first().isEqualTo("getuid");
  }

  @ParameterizedTest
  @CsvSource({"'', '', 0", "ab, ba, 1", "abc, ca, 3", "read, red, 1", "read, reads, 1", "kitten, sitting, 3"})
  void distanceCountsSlips(String a, String b, int distance) {
    assertThat(Suggestions.distance(a, b)).isEqualTo(distance);
    assertThat(Suggestions.distance(b, a)).isEqualTo(distance);
  }
}
