package dev.warder.cli;

import dev.warder.catalog.Arch;
import dev.warder.catalog.Catalog;
import dev.warder.image.ImageWriter;
import dev.warder.jail.FileSystem;
import dev.warder.jail.JailSpec;
import dev.warder.jail.Mount;
import dev.warder.jail.Origin;
import dev.warder.jail.Plan;
import dev.warder.jail.Planner;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// Compiles the image of `warder run` into the cache; the front script then executes it.
///
/// Its arguments are the file to write, then those of `run`. `-E` is no option of the image, so that no value reaches the
/// disk: the script hands it over at start.
final class ImageCommand {
  /// Images kept, newest first. Each is some 15 KB.
  private static final int KEPT = 256;
  /// The file that the front script names where it could not read the options; nothing would run afterwards.
  private static final String UNREAD = "none";

  private ImageCommand() {}

  /// Opening the catalog's jar takes a new JVM about as long as all that it does before it needs one of the files.
  private static final class CatalogReader extends Thread {
    @Override
    public void run() {
      Catalog.get().table(Arch.X86_64);
    }
  }

  static int run(List<String> words) throws CommandException {
    var reader = new CatalogReader();
    reader.setDaemon(true);
    reader.start();
    Path file = Path.of(words.getFirst());
    Arguments arguments = Arguments.parse(JailOptions.all(), words.subList(1, words.size()));
    if (arguments.rest().isEmpty()) {
      throw new CommandException("no command given: warder run [OPTIONS] [--] COMMAND [ARG...]");
    }
    List<String> options = words.subList(1, words.size() - arguments.rest().size());
    Origin origin = ImageOrigin.of(arguments, options);              // before the files are read, lest a change slip by
    var jail = new JailOptions(arguments);
    JailSpec spec = jail.spec(List.of());
    refuseWritableCache(spec, file.getParent());
    Plan plan = Planner.plan(spec.toldAtStart(ImageOrigin.with(origin, jail.included())));
    if (file.endsWith(UNREAD)) {
      throw new CommandException("the front script cannot read these options; give each as a word of its own");
    }
    byte[] image = ImageWriter.write(plan, Catalog.get().table(Arch.X86_64));
    ImageFiles.write(file, image, "rwx------");
    prune(file.getParent());
    return Status.OK;
  }

  /// Removes the oldest beyond the bound. Others may tidy at the same time, and a cache that stays too large harms nobody.
  private static void prune(Path cache) {
    var images = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(cache)) {
      for (Path image : files) {
        images.add(image);
      }
      if (images.size() <= KEPT) {
        return;
      }
      var times = new HashMap<Path, FileTime>();
      for (Path image : images) {
        times.put(image, Files.getLastModifiedTime(image));
      }
      images.sort((a, b) -> times.get(a).compareTo(times.get(b)));
      for (Path image : images.subList(0, images.size() - KEPT)) {
        Files.deleteIfExists(image);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // told to nobody: the next image that is made tries again
    }
  }

  /// A program that can write to the cache, or to what compiles images, runs outside the jail the next time.
  private static void refuseWritableCache(JailSpec spec, Path cache) throws CommandException {
    var writable = new ArrayList<String>();
    for (Mount mount : spec.files().mounts()) {
      if (mount instanceof Mount.Bind bind && !bind.readOnly()) {
        writable.add(bind.source());
      } else if (mount instanceof Mount.Overlay(_, Mount.Changes changes, _)
          && changes instanceof Mount.Changes.Into(String folder)) {
        writable.add(folder);
      }
    }
    if (spec.files().root().isPresent() && spec.files().rootMode() == FileSystem.RootMode.WRITABLE) {
      writable.add(spec.files().root().get());
    }
    for (String folder : writable) {
      for (Path kept : List.of(cache, Path.of(System.getProperty("warder.stage", "/")))) {
        if (overlap(kept, folder)) {
          throw new CommandException(folder + " is writable in the jail and holds " + kept
              + " or lies in it, by which the program could leave it; bind it read-only, or a folder below it, or set XDG_CACHE_HOME");
        }
      }
    }
  }

  private static boolean overlap(Path kept, String folder) throws CommandException {
    try {
      if (!Files.exists(Path.of(folder))) {
        return false;
      }
      Path writable = Path.of(folder).toRealPath();
      return kept.toRealPath().startsWith(writable) || writable.startsWith(kept.toRealPath());
    } catch (IOException e) {
      throw new CommandException("cannot tell whether " + kept + " and " + folder + " overlap: " + e.getMessage());
    }
  }
}
