/// Facts about the Linux kernel: architectures, calls, sets, constants, arguments, capabilities, errnos.
///
/// Input is the data files beside this package, output is [dev.warder.catalog.Catalog]:
///
/// ```java
/// var catalog = Catalog.get();
/// catalog.table(Arch.X86_64).number("openat2");                          // 437
/// catalog.expand(catalog.set("@swap").orElseThrow());                    // [swapoff, swapon]
/// catalog.constant("O_NONBLOCK", Arch.MIPS64);                           // 128
/// catalog.argument("socket", "domain", Arch.X86_64).orElseThrow();       // family, slot 0, 32 bits
/// catalog.suggestions("opnat2");                                         // [openat2]
/// ```
package dev.warder.catalog;
