package dev.warder.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrnoTest {
  @Test
  void numbersEqualThoseOfTheSystemsHeaders() throws IOException {
    var header = new HashMap<>(Header.numbers("asm-generic/errno-base.h"));
    header.putAll(Header.numbers("asm-generic/errno.h"));
    assertThat(header).hasSizeGreaterThan(130);
    header.forEach((name, number) -> assertThat(Errno.named(name).orElseThrow().number()).as(name).isEqualTo(number));
  }

  @ParameterizedTest
  @EnumSource
  void numbersEqualTheConstantsOfEveryArchitecture(Arch arch) {
    Text rows = Text.resource("constants.csv");
    int seen = 0;
    for (int line = rows.nextLine(rows.start); line < rows.bytes.length; line = rows.nextLine(line)) {
      var row = rows.fields(line);
      if (row.get(1).equals("ERRNO")) {
        Errno errno = Errno.named(row.get(0)).orElseThrow();
        var constant = Catalog.get().constant(row.get(0), arch);
        constant.ifPresent(value -> assertThat((long) errno.number(arch)).as(row.get(0)).isEqualTo(value));
        seen++;
      }
    }
    assertThat(seen).isEqualTo(138);
  }

  @Test
  void secondNamesMeanTheFirst() {
    assertThat(Errno.named("EWOULDBLOCK")).hasValue(Errno.EAGAIN);
    assertThat(Errno.named("EFSCORRUPTED")).hasValue(Errno.EUCLEAN);
    assertThat(Errno.of(35)).hasValue(Errno.EDEADLK);
    assertThat(Errno.named("ENOTHING")).isEmpty();
  }
}
