package dev.warder.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class UapiTest {
  @Test
  void constantsAreTheCatalogsOnBothArchitectures() throws IllegalAccessException {
    var wrong = new ArrayList<String>();
    var unknown = new TreeSet<String>();
    for (Field field : Uapi.class.getDeclaredFields()) {
      var constant = (Value.Const) field.get(null);
      assertThat(constant.text()).isEqualTo(field.getName());
      for (Arch arch : new Arch[] {Arch.X86_64, Arch.AARCH64}) {
        var known = Catalog.get().constant(field.getName(), arch);
        if (known.isEmpty()) {
          unknown.add(field.getName());
        } else if (known.getAsLong() != constant.value()) {
          wrong.add(field.getName() + " is " + known.getAsLong() + " on " + arch + ", not " + constant.value());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(unknown).as("not held by the catalog").containsExactly("CGROUP2_SUPER_MAGIC", "LINUX_CAPABILITY_VERSION_3", "POLLIN", "POLLOUT", "SOL_SOCKET");
  }
}
