package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The cache of images: whatever lies in it is executed, so it is the caller's alone or not used.
class CacheIT {
  /// No account, and nobody's `/tmp/warder-UID`.
  private static final int UID = 64_211;

  private static final Path IN_TMP = Path.of("/tmp/warder-" + UID);
  private static final int KEPT = 256;

  private Caller caller;

  /// An ordinary user with an empty home, and a cache where `XDG_CACHE_HOME` says.
  @BeforeEach
  void ordinaryUser() throws IOException {
    Path home = owned(Program.readableFolder("home"));
    Path work = owned(Program.readableFolder("work"));
    boolean isRoot = Caller.self().isRoot();
    Tools.skipUnless(!isRoot || Tools.found("setpriv"), "this machine has no setpriv");
    String id = Integer.toString(UID);
    caller = new Caller("ordinary user", isRoot ? UID : Caller.self().uid(),
        isRoot ? List.of("setpriv", "--reuid", id, "--regid", id, "--clear-groups") : List.of(), home, work, Map.of());
  }

  private static Path owned(Path path) throws IOException {
    return owned(path, UID);
  }

  private static Path owned(Path path, int uid) throws IOException {
    if (Caller.self().isRoot()) {
      Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
    }
    return path;
  }

  @AfterEach
  void removeWhatIsInTmp() throws IOException {
    if (Caller.self().isRoot()) {
      Caller.self().sh("rm -rf -- \"$1\"", IN_TMP.toString());
    }
  }

  private Path cache() {
    return caller.home().resolve(".cache/warder");
  }

  private static List<String> names(Path folder) {
    return List.of(folder.toFile().list());
  }

  /// What a stranger would like to be executed in place of the image of `run -- true`.
  private byte[] planted() {
    return ("#!/bin/sh\necho hijacked\n").getBytes();
  }

  private void plant(Path folder, int owner, String mode) throws IOException {
    assertThat(caller.run("true").status()).isZero();
    String name = names(cache()).getFirst();
    Files.createDirectories(folder);
    owned(Program.executable(folder.resolve(name), planted()), owner);
    Files.setPosixFilePermissions(owned(folder, owner), PosixFilePermissions.fromString(mode));
  }

  private void assertRefused(Caller who, String cache) {
    var result = who.run("true");
    assertThat(result.out()).isEmpty();
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.err()).contains("the image cache " + cache + " is not yours, or cannot be made; set XDG_CACHE_HOME");
  }

  @Test
  void aFolderInTmpThatSomebodyElseMadeIsNotUsed() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can be two users");
    Caller homeless = caller.with("HOME", "/nosuch");
    assertThat(homeless.run("echo", "usual").out()).isEqualTo("usual\n");
    assertThat(names(IN_TMP)).hasSize(1);
    for (String mode : List.of("rwxrwxrwx", "rwx------", "rwxr-xr-x")) {
      removeWhatIsInTmp();
      plant(IN_TMP, 0, mode);
      assertRefused(homeless, IN_TMP.toString());
    }
  }

  @Test
  void anImageIsRemadeWhenAFileThatItsPolicyNamesHasChanged() throws IOException {
    Path folder = Program.readableFolder("policy");
    Files.writeString(folder.resolve("x.policy"), "@denylist\n@include ./more.policy\n@frequency ./frequency\n");
    Files.writeString(folder.resolve("frequency"), "uname: 1\n");
    String policy = "--policy=" + folder.resolve("x.policy");
    for (String call : List.of("uname: return 13", "uname: return 1", "acct: return 1")) {
      Files.writeString(folder.resolve("more.policy"), call + "\n");
      var result = caller.run(policy, "uname");
      assertThat(result.status()).as(call + result.err()).isEqualTo(call.startsWith("acct") ? 0 : 1);
      assertThat(names(cache())).hasSize(1);
    }
    Files.delete(folder.resolve("more.policy"));
    var result = caller.run(policy, "true");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.err()).contains("cannot read more.policy");
  }

  @Test
  void aLinkInTmpIsNotFollowed() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can be two users");
    Path elsewhere = Program.readableFolder("elsewhere");
    plant(elsewhere, UID, "rwx------");
    Files.createSymbolicLink(IN_TMP, elsewhere);
    assertRefused(caller.with("HOME", "/nosuch"), IN_TMP.toString());
  }

  @Test
  void aFolderInTmpThatIsOpenToOthersIsNotUsed() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can be two users");
    plant(IN_TMP, UID, "rwxrwxrwx");
    assertRefused(caller.with("HOME", "/nosuch"), IN_TMP.toString());
  }

  @Test
  void aCacheOfAnotherOwnerIsNotUsed() throws IOException {
    Tools.skipUnless(Caller.self().isRoot(), "only root can be two users");
    Path theirs = Program.readableFolder("theirs");
    plant(theirs.resolve("warder"), 65_532, "rwxrwxrwx");
    assertRefused(caller.with("XDG_CACHE_HOME", theirs.toString()), theirs + "/warder");
    Path link = caller.home().resolve("link");
    Files.createDirectory(link);
    Files.createSymbolicLink(link.resolve("warder"), theirs.resolve("warder"));
    assertRefused(caller.with("XDG_CACHE_HOME", link.toString()), link + "/warder");
  }

  /// A link leads elsewhere the next time, and `PWD` is only what the caller says.
  @Test
  void aCurrentFolderByALinkIsTheFolderItself() throws IOException {
    Path work = caller.folder();
    for (String name : List.of("a", "b")) {
      Path folder = Files.createDirectories(work.resolve(name).resolve("data"));
      Files.writeString(folder.resolve("name"), name + "\n");
    }
    for (String name : List.of("a", "b", "a")) {
      Path link = work.resolve("link");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, work.resolve(name));
      String show = "exec \"$WARDER\" run --bind-ro data:/data -- cat /data/name";
      assertThat(caller.sh("cd \"$1\"; " + show, link.toString()).out()).isEqualTo(name + "\n");
      for (String lie : List.of("a", "b", "link", "nosuch")) {
        var told = caller.sh("cd -P \"$1\"; export PWD=\"$2\"; " + show, work.resolve(name).toString(),
            work.resolve(lie).toString());
        assertThat(told.out()).as(name + " told to be " + lie + told.err()).isEqualTo(name + "\n");
      }
    }
  }

  @Test
  void theCacheStaysBounded() throws IOException {
    Files.createDirectories(cache());
    owned(owned(cache()).getParent());
    for (int i = 0; i < KEPT + 50; i++) {
      Path old = Files.createFile(cache().resolve("old" + i));
      Files.setLastModifiedTime(owned(old), FileTime.fromMillis(1_000_000_000_000L + i * 1000L));
    }
    Files.setPosixFilePermissions(cache(), PosixFilePermissions.fromString("rwx------"));
    assertThat(caller.run("echo", "made").out()).isEqualTo("made\n");
    List<String> kept = names(cache());
    assertThat(kept).hasSize(KEPT).contains("old" + (KEPT + 49), "old51").doesNotContain("old0", "old50");
    assertThat(caller.run("echo", "hit").out()).isEqualTo("hit\n");
    assertThat(names(cache())).hasSameElementsAs(kept);
  }

  @Test
  void firstRunsAtTheSameTimeMakeOneImage() throws IOException {
    var running = new ArrayList<Caller.Running>();
    for (int i = 0; i < 3; i++) {
      running.add(caller.startRun("--hostname=same", "--", "sh", "-c", "echo $0 on $(uname -n)", Integer.toString(i)));
    }
    for (int i = 0; i < running.size(); i++) {
      var result = running.get(i).end();
      assertThat(result.out()).as(result.err()).isEqualTo(i + " on same\n");
    }
    assertThat(names(cache())).hasSize(1);
  }
}
