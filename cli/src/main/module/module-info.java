/// The command line.
module dev.warder.cli {
  requires dev.warder.core;
  requires dev.warder.format;
  requires org.apache.commons.cli;
}
