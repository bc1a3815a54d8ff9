/// Starting images on this host.
///
/// ```java
/// Plan plan = Planner.plan(spec);
/// try (JailImage jail = JailImage.of(ImageWriter.write(plan, Catalog.get().table(Arch.X86_64)))) {
///   int status = jail.start("-c", "echo hello").waitFor();
/// }
/// ```
package dev.warder.host;
