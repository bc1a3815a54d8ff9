/// Starting images on this host.
module dev.warder.host {
  requires transitive dev.warder.core;

  exports dev.warder.host;
}
