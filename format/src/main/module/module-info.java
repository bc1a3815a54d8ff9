/// Policy files and imports: text to model, with every loss told.
module dev.warder.format {
  requires transitive dev.warder.core;
}
