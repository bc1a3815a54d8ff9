package dev.warder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Each package uses only itself and those that stand before it.
///
/// All text constants of a class file are looked at: a type used in a signature alone has no class entry.
class DirectionTest {
  private static final List<String> ORDER =
      List.of("catalog", "policy", "filter", "meaning", "jail", "image", "format", "host", "cli");

  private static final Pattern PACKAGE = Pattern.compile("dev[/.]warder[/.]([a-z]+)\\b");

  @Test
  void noPackageUsesOneBehindIt() throws IOException {
    var seen = new TreeSet<String>();
    var wrong = new TreeSet<String>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (entry.endsWith("test-classes") || !Files.exists(path)) {
        continue;
      }
      if (Files.isDirectory(path)) {
        scan(path, seen, wrong);
      } else {
        try (var jar = FileSystems.newFileSystem(path)) {
          scan(jar.getPath("/"), seen, wrong);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).contains("catalog", "policy", "filter", "jail", "image", "cli");
  }

  private static void scan(Path root, TreeSet<String> seen, TreeSet<String> wrong) throws IOException {
    Path warder = root.resolve("dev/warder");
    if (!Files.exists(warder)) {
      return;
    }
    try (var files = Files.walk(warder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        seen.add(warder.relativize(file).getName(0).toString());
        wrong.addAll(violations(Files.readAllBytes(file)));
      }
    }
  }

  /// The uses in this class that point back, as `user uses used`.
  private static List<String> violations(byte[] classFile) {
    var model = ClassFile.of().parse(classFile);
    String name = model.thisClass().asInternalName();
    var own = PACKAGE.matcher(name);
    assertThat(own.lookingAt() && ORDER.contains(own.group(1))).as(name + " is in a package with a place").isTrue();
    var wrong = new ArrayList<String>();
    for (var entry : model.constantPool()) {
      if (entry instanceof Utf8Entry text) {
        for (var used = PACKAGE.matcher(text.stringValue()); used.find();) {
          if (ORDER.indexOf(used.group(1)) > ORDER.indexOf(own.group(1))) {
            wrong.add(name + " uses " + used.group(1));
          }
        }
      }
    }
    return wrong;
  }

  @Test
  void aTypeInASignatureAloneIsFound() {
    byte[] planted = ClassFile.of().build(ClassDesc.of("dev.warder.catalog.Planted"), type -> type.withMethodBody("use",
        MethodTypeDesc.of(ConstantDescs.CD_void, ClassDesc.of("dev.warder.cli.Main")), ClassFile.ACC_STATIC,
        code -> code.return_()));
    assertThat(violations(planted)).containsExactly("dev/warder/catalog/Planted uses cli");
    byte[] right = ClassFile.of().build(ClassDesc.of("dev.warder.cli.Right"), type -> type.withMethodBody("use",
        MethodTypeDesc.of(ConstantDescs.CD_void, ClassDesc.of("dev.warder.catalog.Arch")), ClassFile.ACC_STATIC,
        code -> code.return_()));
    assertThat(violations(right)).isEmpty();
  }
}
