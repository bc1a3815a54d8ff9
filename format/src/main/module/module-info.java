/// Policy files and the profiles of other tools: text in, policies out, and back.
module dev.warder.format {
  requires transitive dev.warder.core;
  requires com.fasterxml.jackson.core;
  requires org.snakeyaml.engine;

  exports dev.warder.format;
  exports dev.warder.format.convert;
}
