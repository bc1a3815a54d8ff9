package dev.warder.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warder.image.TestPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What a jail shows, and what may be written.
class FileSystemIT {
  private static final Set<String> WRITABLE =
      Set.of("/proc", "/dev/pts", "/dev/shm", "/tmp", "/run", "/home/warder");
  private static final Set<String> DEVICES =
      Set.of("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty");

  @ForEachCaller
  void everyMountIsReadOnlyAndWithoutSetUserIdButThePrivateOnes(Caller caller) {
    var jail = caller.in(Path.of("/")).run("cat", "/proc/self/mounts");
    assertThat(jail.lines()).hasSizeGreaterThan(12).allSatisfy(line -> {
      String[] fields = line.split(" ");
      var options = List.of(fields[3].split(","));
      if (DEVICES.contains(fields[1])) {
        return;
      }
      assertThat(options).as(line).contains("nosuid");
      if (!fields[1].equals("/dev/pts")) {
        assertThat(options).as(line).contains("nodev");
      }
      assertThat(options.contains("rw")).as(line).isEqualTo(WRITABLE.contains(fields[1]));
    });
  }

  @ForEachCaller
  void theRestOfTheHostIsAbsent(Caller caller) {
    var jail = caller.in(Path.of("/")).run("sh", "-c", "echo /* /home/* /dev/*");
    assertThat(List.of(jail.out().strip().split(" "))).contains("/usr", "/etc", "/tmp", "/proc", "/dev", "/run",
        "/home/warder", "/dev/null")
        .doesNotContain("/root", "/var", "/srv", "/mnt", "/boot", "/sys", "/dev/kmsg", "/dev/mem", "/dev/console");
  }

  @ForEachCaller
  void systemFoldersCannotBeWritten(Caller caller) {
    var jail = caller.in(Path.of("/")).run("sh", "-c", """
        for folder in / /usr /usr/bin /etc /dev /home /proc /opt; do
          (: > $folder/warder-test) 2> /dev/null && echo "file in $folder"
          mkdir $folder/warder-test 2> /dev/null && echo "folder in $folder"
        done
        (: >> /etc/passwd) 2> /dev/null && echo passwd
        chmod 777 / /dev 2> /dev/null && echo mode
        true""");
    assertThat(jail.status()).isZero();
    assertThat(jail.out()).isEmpty();
  }

  @ForEachCaller
  void privateFoldersAreWritableAndEachJailsOwn(Caller caller) {
    String write = "for f in /tmp /run $HOME /dev/shm; do echo $f/*; echo x > $f/mine || exit 1; done; ";
    String expected = "/tmp/*\n/run/*\n/home/warder/*\n/dev/shm/*\n";
    try (var first = caller.startRun("sh", "-c", write + "echo ready; read line; cat /tmp/mine")) {
      first.said("ready");
      assertThat(caller.run("sh", "-c", write).out()).isEqualTo(expected);
      first.say("go");
      assertThat(first.end().out()).isEqualTo(expected + "ready\nx\n");
    }
  }

  @ForEachCaller
  void programsInPrivateFoldersCanBeRun(Caller caller) {
    var jail = caller.run("sh", "-c", "cd /tmp; printf '#!/bin/sh\\necho made\\n' > x; chmod +x x; ./x");
    assertThat(jail.out()).as(jail.err()).isEqualTo("made\n");
  }

  @ForEachCaller
  void devicesWork(Caller caller) {
    var jail = caller.run("sh", "-c", "echo x > /dev/null; head -c 4 /dev/zero | wc -c; "
        + "head -c 4 /dev/urandom | wc -c; "
        + "echo x > /dev/full || echo full; ls /dev/fd/ > /dev/null && echo fd; [ -c /dev/ptmx ] && echo ptmx");
    assertThat(jail.out()).as(jail.err()).isEqualTo("4\n4\nfull\nfd\nptmx\n");
  }

  @ForEachCaller
  void foldersAndFilesAreBound(Caller caller) throws IOException {
    Path folder = Program.folder("bind");
    Files.createDirectory(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/file"), "content\n");
    Path sub = folder.resolve("sub");
    assertBound(caller, "content\nro\n", "cat /a/b/c/file; (echo x > /a/b/c/new) || echo ro", "--bind-ro",
        sub + ":/a/b/c");
    assertBound(caller, "content\nro\n", "cat /tmp/x/file; (echo x > /tmp/x/new) || echo ro", "--bind-ro",
        sub + ":/tmp/x");
    assertBound(caller, "content\n", "cat /run/x/y/file", "--bind-ro", sub + ":/run/x/y");
    assertBound(caller, "content\n", "cat $HOME/x/file", "--bind-ro=" + sub + ":/home/warder/x");
    assertBound(caller, "content\n", "cat " + sub + "/file", "--bind-ro", sub.toString());
    assertBound(caller, "content\nro\n", "cat /one; (echo x >> /one) || echo ro", "--bind-ro", sub + "/file:/one");
    assertBound(caller, "content\n", "cat /tmp/d/one; ls /tmp/d | grep -v one", "--bind-ro", sub + "/file:/tmp/d/one");
    assertBound(caller, "content\n", "cat /a:b/file", "--bind-ro", sub + ":/a\\:b");
    Program.openToAll(sub);
    assertBound(caller, "", "echo y > /w/new", "--bind", sub + ":/w");
    assertThat(sub.resolve("new")).hasContent("y");
    assertThat(Files.getAttribute(sub.resolve("new"), "unix:uid")).isEqualTo(caller.jailUid());
  }

  private static void assertBound(Caller caller, String expected, String script, String... options) {
    var words = new ArrayList<>(List.of(options));
    words.addAll(List.of("--", "sh", "-c", script));
    var jail = caller.in(Path.of("/usr")).run(words.toArray(String[]::new));
    assertThat(jail.out()).as(words + jail.err()).isEqualTo(expected);
  }

  @ForEachCaller
  void aRelativeSourceIsBelowTheCurrentFolder(Caller caller) throws IOException {
    for (int i = 0; i < 2; i++) {
      Path folder = Program.folder("relative");
      Files.createDirectory(folder.resolve("sub"));
      Files.writeString(folder.resolve("sub/file"), "content " + i);
      assertThat(caller.in(folder).run("--bind-ro", "sub:/x", "--", "cat", "/x/file").out()).isEqualTo("content " + i);
    }
  }

  @ForEachCaller
  void parentsAreMountedBeforeWhatLiesInThem(Caller caller) throws IOException {
    Path outer = Program.folder("outer");
    Path inner = Program.folder("inner");
    Files.createDirectories(outer.resolve("a/b"));
    Files.writeString(outer.resolve("a/file"), "outer\n");
    Files.writeString(inner.resolve("file"), "inner\n");
    String script = "cat /x/a/file /x/a/b/file; ls -A /x/a/c; (: > /x/a/c/new) && echo written";
    String[] words = {
        "--tmpfs=/x/a/c", "--bind-ro", inner + ":/x/a/b", "--bind", outer + ":/x", "--", "sh", "-c", script};
    var jail = caller.run(words);
    // The folder for the tmpfs is made in the bound folder, which is writable to root and to its owner only.
    if (jail.status() == 125) {
      assertThat(jail.err()).contains("cannot mount a tmpfs on /x/a/c");
      Files.createDirectory(outer.resolve("a/c"));
      jail = caller.run(words);
    }
    assertThat(jail.out()).as(jail.err()).isEqualTo("outer\ninner\nwritten\n");
    assertThat(outer.resolve("a/c")).isEmptyDirectory();
  }

  @ForEachCaller
  void aTmpfsHasItsSize(Caller caller) {
    var jail = caller.run("--tmpfs", "/data:size=64k,mode=0700", "--", "sh", "-c",
        "stat -c %a /data; head -c 60000 /dev/zero > /data/a && echo fits; "
            + "head -c 60000 /dev/zero > /data/b || echo full");
    assertThat(jail.out()).as(jail.err()).isEqualTo("700\nfits\nfull\n");
  }

  @ForEachCaller
  void inaccessiblePathsCannotBeOpened(Caller caller) throws IOException {
    Path folder = Program.folder("hidden");
    Files.createDirectory(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/file"), "secret");
    Files.writeString(folder.resolve("file"), "secret");
    var jail = caller.in(folder).run("--inaccessible", "/etc/passwd", "--inaccessible", folder + "/sub",
        "--inaccessible=" + folder + "/file",
        "--", "sh", "-c", "cat /etc/passwd sub/file file; ls sub; echo x > sub/new; "
            + "chmod 777 sub file /etc/passwd; cat file sub/file; ls -A /; true");
    assertThat(jail.out()).doesNotContain("secret", "root:", ".inaccessible");
    assertThat(jail.status()).as(jail.err()).isZero();
  }

  @ForEachCaller
  void workingFoldersCanBeChosen(Caller caller) {
    assertThat(caller.run("--chdir", "/usr/bin", "pwd").out()).isEqualTo("/usr/bin\n");
    assertThat(caller.run("--tmpfs", "/a/b", "--chdir=/a/b", "pwd").out()).isEqualTo("/a/b\n");
    assertThat(caller.run("--chdir", "/tmp", "pwd").err()).isEmpty();
  }

  /// As in CVE-2024-21626: a link that /proc follows to a file that the caller left open.
  @ForEachCaller
  void theWorkingFolderIsNeverOneThatTheCallerLeftOpen(Caller caller) throws IOException {
    Path root = Program.readableFolder("root");
    Files.createDirectory(root.resolve("proc"));
    Files.createSymbolicLink(root.resolve("work"), Path.of("/proc/self/fd/9"));
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    for (int fd = 3; fd < 10; fd++) {
      var jail = caller.sh("exec " + fd + "</; exec \"$WARDER\" run --chdir /proc/self/fd/" + fd + " -- ls");
      assertThat(jail.status()).as(jail.out()).isEqualTo(125);
    }
    var jail = caller.sh("exec 9</; exec \"$WARDER\" run -D \"$1\" --chdir /work -- /hello", root.toString());
    assertThat(jail.status()).as(jail.out()).isEqualTo(125);
  }

  @ForEachCaller
  void aFileOfAForeignRootIsCoveredWithoutTouchingTheRoot(Caller caller) throws IOException {
    Path root = Program.readableFolder("root");
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    Files.writeString(root.resolve("secret"), "secret");
    for (String option : List.of("--read-only", "--as-pid2")) {
      var jail = caller.run("-D", root.toString(), option, "--inaccessible", "/secret", "--", "/hello");
      assertThat(jail.status()).as(jail.err()).isEqualTo(21);
    }
    assertThat(root.resolve(".inaccessible")).doesNotExist();
  }

  /// What could write there would run outside the jail the next time.
  @ForEachCaller
  void theImageCacheIsNotWritableInAJail(Caller caller) throws IOException {
    Path folder = caller.isRoot() ? Path.of("/var/cache") : caller.home();
    var jail = caller.run("--bind", folder + ":/tmp/there", "--", "true");
    assertThat(jail.status()).isEqualTo(125);
    assertThat(jail.err()).contains("writable in the jail", "XDG_CACHE_HOME");
    assertThat(caller.run("true").status()).isZero();
    Path image = anyImage(folder.resolve(caller.isRoot() ? "warder" : ".cache/warder"));
    assertThat(caller.run("--bind", image.toString().replace(":", "\\:") + ":/tmp/image", "--", "true").err()).contains("or lies in it");
    assertThat(caller.run("--overlay", "/usr:" + folder + ":/x", "--", "true").err()).contains("writable in the jail");
    assertThat(caller.run("--bind-ro", folder + ":/tmp/there", "--", "true").status()).isZero();
  }

  private static Path anyImage(Path cache) throws IOException {
    try (var images = Files.list(cache)) {
      return images.filter(Files::isExecutable).findFirst().orElseThrow();
    }
  }

  @ForEachCaller
  void aRootNeedsNothingButTheProgram(Caller caller) throws IOException {
    Path root = Program.readableFolder("root");
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    for (String option : new String[] {"--as-pid1", "--as-pid2", "--read-only"}) {
      var jail = caller.run(option, "-D", root.toString(), "--", "/hello");
      assertThat(jail.out()).as(option + jail.err()).isEqualTo("hello\n");
      assertThat(jail.status()).isEqualTo(21);
    }
  }

  @ForEachCaller
  void aRootMayBeTheHostsOwnFolders(Caller caller) throws IOException {
    Path root = Program.folder("root");
    for (String folder : List.of("usr", "proc", "dev", "tmp", "run", "data")) {
      Files.createDirectory(root.resolve(folder));
    }
    for (String link : List.of("bin", "lib", "lib64")) {
      Tools.skipUnless(Files.isSymbolicLink(Path.of("/" + link)), "/" + link + " is no link here");
      Files.createSymbolicLink(root.resolve(link), Path.of("usr/" + link));
    }
    Program.openToAll(root.resolve("data"));
    String script = "pwd; echo $$ $HOME; echo x > /tmp/x && echo tmp; "
        + "(echo y > /data/y) && echo data; (: > /dev/x) || echo dev; cat /dev/null";
    var jail = caller.run("-D", root.toString(), "--bind-ro", "/usr", "--", "sh", "-c", script);
    assertThat(jail.out()).as(jail.err()).isEqualTo("/\n2 /tmp\ntmp\ndata\ndev\n");
    assertThat(root.resolve("data/y")).hasContent("y");
    assertThat(root.resolve("tmp")).isEmptyDirectory();
    Files.delete(root.resolve("data/y"));
    jail = caller.run("-D", root.toString(), "--read-only", "--bind-ro", "/usr", "--", "sh", "-c", script);
    assertThat(jail.out()).as(jail.err()).isEqualTo("/\n2 /tmp\ntmp\ndev\n");
  }

  @ForEachCaller
  void linksOfARootDoNotLeadOutOfIt(Caller caller) throws IOException {
    Path outside = Program.folder("outside");
    Path root = Program.folder("root");
    Path source = Program.folder("source");
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    for (String target : List.of(outside.toString(), "../../../../../.." + outside, "../" + outside.getFileName())) {
      Files.createSymbolicLink(root.resolve("a"), Path.of(target));
      for (String option : List.of("--bind=" + source + ":/a/b/c", "--bind-ro=" + source + "/file:/a/file",
          "--tmpfs=/a/t")) {
        Files.writeString(source.resolve("file"), "");
        var jail = caller.run("-D", root.toString(), option, "--", "/hello");
        assertThat(jail.status()).as(option + jail.err()).isIn(21, 125);
        assertThat(outside).as(option + " with a -> " + target).isEmptyDirectory();
      }
      Files.delete(root.resolve("a"));
    }
  }

  @ForEachCaller
  void aRootWithLinksForItsSystemFoldersChangesNothingOutside(Caller caller) throws IOException {
    Path outside = Program.folder("outside");
    Path root = Program.folder("root");
    Program.executable(root.resolve("hello"), TestPrograms.hello());
    for (String name : List.of("proc", "dev", "tmp", "run")) {
      Files.createSymbolicLink(root.resolve(name), outside);
    }
    var jail = caller.run("-D", root.toString(), "--", "/hello");
    assertThat(jail.status()).as(jail.err()).isIn(21, 125);
    assertThat(outside).isEmptyDirectory();
  }

  /// What the kernel does not keep from everyone anyway: it refuses the rest to all but the host's root.
  @ForEachCaller
  void procTellsNothingOfOthersAndTakesNothing(Caller caller) {
    var jail = caller.run("sh", "-c", """
        cd /proc
        for f in kcore timer_list kmsg; do
          [ -d $f ] && ls $f 2> /dev/null || head -c 1 $f 2> /dev/null
        done
        for f in sysrq-trigger sys/kernel/core_pattern sys/kernel/modprobe sys/vm/overcommit_memory sys/kernel/ns_last_pid \\
            sys/fs/binfmt_misc/register irq/default_smp_affinity sys/kernel/hostname fs/x bus/pci/x; do
          (echo 1 > $f) 2> /dev/null && echo wrote $f
        done
        find . -path './[0-9]*' -prune -o -path './*self*' -prune -o -type f -writable -print 2> /dev/null \\
          | grep -v ^./pressure/
        grep ' /proc/' self/mounts | grep -v ' ro,nosuid,nodev,noexec,'
        cat meminfo cpuinfo stat uptime loadavg version self/status > /dev/null && echo usual""");
    assertThat(jail.out()).as(jail.err()).isEqualTo("usual\n");
  }

  @ForEachCaller
  void sysCanBeShownWithoutBeingChanged(Caller caller) {
    assertThat(caller.run("sh", "-c", "[ -e /sys ] || echo absent").out()).isEqualTo("absent\n");
    var jail = caller.run("--bind-ro", "/sys", "--", "sh", "-c", """
        [ -d /sys/kernel ] && echo shown
        grep ' /sys' /proc/self/mounts | grep -v ' ro,'
        mkdir /sys/fs/cgroup/warder-test 2> /dev/null && echo made
        (echo x > /sys/kernel/uevent_helper) 2> /dev/null && echo wrote
        (echo 1 > /sys/fs/cgroup/cgroup.procs) 2> /dev/null && echo moved""");
    assertThat(jail.out()).as(jail.err()).isEqualTo("shown\n");
  }

  @ForEachCaller
  void filesAreMadeOfWhatTheCallerHandsOver(Caller caller) throws IOException {
    String script = "exec \"$WARDER\" run --file 3:/run/key:0400 --file 0:/a/b -- sh -c '"
        + "cat /run/key /a/b; stat -c %a:%u /run/key /a/b; (echo x >> /a/b) || echo refused; ls /proc/self/fd | wc -l' 3<< END\n"
        + "secret-$1\nEND\n";
    String secret = Long.toString(System.nanoTime());
    var jail = caller.sh("echo input | { " + script + " }", secret);
    assertThat(jail.out()).as(jail.err()).isEqualTo("secret-" + secret + "\ninput\n400:" + caller.jailUid() + "\n444:"
        + caller.jailUid() + "\nrefused\n4\n");
    Path cache = caller.isRoot() ? Path.of("/var/cache/warder") : caller.home().resolve(".cache/warder");
    assertThat(caller.sh("grep -rl \"secret-$1\" \"$2\"", secret, cache.toString()).out()).isEmpty();
  }

  @ForEachCaller
  void whatCannotBeAFileIsRefusedWithTheRemedy(Caller caller) {
    record Row(String redirection, String message) {}
    for (Row row : List.of(new Row("", "EBADF: it is not open for reading; give one that is, as in 3< FILE"),
        new Row("3< /", "EISDIR: it is a folder; show it with --bind-ro"),
        new Row("3< /dev/zero", "EFBIG: more than 16 MiB"))) {
      var jail = caller.sh("\"$WARDER\" run --file 3:/run/x -- true " + row.redirection);
      assertThat(jail.status()).isEqualTo(125);
      assertThat(jail.err()).contains("cannot read file descriptor 3: " + row.message);
    }
  }

  /// Also under a policy that allows mounts, to a program that may make them.
  @ForEachCaller
  void whatIsMountedCannotBeUndoneByAProgramThatMayMount(Caller caller) throws IOException {
    Tools.need("mount", "umount");
    Path folder = Program.folder("locked");
    Files.writeString(folder.resolve("secret"), "secret");
    var jail = caller.run("--capability=CAP_SYS_ADMIN,CAP_NET_ADMIN", "--system-call-filter=@mount", "--bind-ro",
        folder + ":/x", "--inaccessible=/x/secret", "--hostname=locked", "--", "sh", "-c", """
        for m in /x/secret /x /usr /dev/null /tmp; do umount $m && echo unmounted $m; done
        for m in /x /usr /; do mount -o remount,bind,rw $m && echo remounted $m; done
        cat /x/secret; (: > /x/new) && echo written
        hostname || uname -n; mount -t tmpfs none /tmp && echo mounted && umount /tmp && echo unmounted
        mount --bind /proc/sys/kernel /tmp; ls /tmp/pid_max > /dev/null && echo bound""");
    assertThat(jail.out()).as(jail.err()).isEqualTo("locked\nmounted\nunmounted\nbound\n");
  }

  /// Mounts come and go outside, in a mount namespace of the test's own, and the jail does not see them.
  @ForEachCaller
  void mountsDoNotComeInAfterwards(Caller caller) throws IOException {
    Tools.skipUnless(caller.isRoot(), "only root mounts");
    Tools.need("unshare", "mount", "mkfifo");
    Path folder = Program.folder("propagation");
    Files.createDirectory(folder.resolve("sub"));
    var jail = caller.sh("exec unshare -m --propagation private sh -c 'mount --make-rshared / && mkfifo $1/go && "
        + "{ \"$WARDER\" run --bind-ro $1:/x -- sh -c \"read line < /x/go; ls /x/sub\" & exec 3> $1/go; "
        + "mount -t tmpfs none $1/sub && touch $1/sub/canary && ls $1/sub; echo go >&3; wait; }' sh \"$1\"",
        folder.toString());
    assertThat(jail.out()).as(jail.err()).isEqualTo("canary\n");
  }

  /// Devices are mounts of the host's own: in a mount namespace of the test's that shares its mounts, as hosts do.
  @ForEachCaller
  void whatIsMountedOnADeviceIsNotOnTheHosts(Caller caller) throws IOException {
    Tools.skipUnless(caller.isRoot(), "only root mounts");
    Tools.need("unshare", "mount");
    Path file = Files.writeString(Program.folder("propagation").resolve("file"), "canary");
    for (String option : List.of("--bind-ro " + file + ":/dev/null", "--inaccessible /dev/null")) {
      var jail = caller.sh("exec unshare -m --propagation private sh -c 'mount --make-rshared / && "
          + "{ \"$WARDER\" run " + option + " -- sh -c \"grep -c /dev/null /proc/self/mountinfo; grep shared: "
          + "/proc/self/mountinfo\"; grep /dev/null /proc/self/mountinfo; grep -c shared: /proc/self/mountinfo; }'");
      assertThat(jail.lines()).as(option + jail.err()).hasSize(2).first().isEqualTo("2");
    }
  }
}
