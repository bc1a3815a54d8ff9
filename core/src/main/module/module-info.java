/// Policies, filters, jails and images as data: pure functions, no I/O, no native access.
module dev.warder.core {
  exports dev.warder.catalog;
  exports dev.warder.policy;
  exports dev.warder.filter;
  exports dev.warder.meaning;
  exports dev.warder.jail;
  exports dev.warder.image;
}
