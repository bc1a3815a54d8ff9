/// The command line.
module dev.warder.cli {
  requires dev.warder.core;
  requires dev.warder.format;
  requires dev.warder.host;
  requires org.apache.commons.cli;
}
