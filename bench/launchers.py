"""The other launchers, each asked for the jail that an image makes, as near as its options come to it.

What is unequal all the same stands in docs/benchmarks.md.
"""

import json
import os
import pwd
import shutil
import subprocess

import floor

SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NOBODY = 65534
CONTAINER = "warder-bench"
CAPABILITIES = ("bounding", "effective", "inheritable", "permitted", "ambient")
NAMESPACES = ("pid", "network", "ipc", "uts", "mount", "user", "cgroup")
NSPAWN_RANGE = 524288  # host ids that no user of a host has; nspawn wants 65536 of them

# Each: its command, run in every Nth round only, since it takes so long, and whether it is for root alone.
OTHERS = {"crun": ("crun", 3, False), "runc": ("runc", 10, False), "firejail": ("firejail", 10, False),
          "systemd-nspawn": ("systemd-nspawn", 20, True)}
UNTRIED = ("minijail0", "nsjail")  # in no package here; `--also` takes their command lines


def bubblewrap(policy_filter, folder, command, options=()):
    """bubblewrap asked for the image's default jail."""
    words = [shutil.which("bwrap"), "--unshare-all", "--unshare-user", "--unshare-cgroup", "--hostname", "warder"]
    for path in SYSTEM_FOLDERS:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/home/warder"]
    words += ["--ro-bind", str(folder), str(folder), *options, "--remount-ro", "/", "--chdir", str(folder)]
    words += ["--clearenv", "--setenv", "PATH", PATH, "--setenv", "HOME", "/home/warder", "--setenv", "TMPDIR", "/tmp"]
    words += ["--new-session", "--die-with-parent", "--cap-drop", "ALL", "--seccomp", "{" + str(policy_filter) + "}"]
    return [*words, "--", *command]


class Others:
    """Launchers that need a folder of their own.

    `folder` is to hold it, `shown` is the current folder, `user` the ordinary user who calls, or None for root."""

    def __init__(self, folder, shown, user):
        self.folder = folder / ("others-" + (user or "root"))
        self.shown = shown
        self.user = user

    def words(self, name, command):
        if name in ("crun", "runc"):
            self.bundle(self.folder / name, command)
            manager = ["--cgroup-manager=disabled"] if name == "crun" else []
            return [shutil.which(name), *manager, "--root", self.state(name), "run", "--bundle", self.folder / name,
                    CONTAINER]
        if name == "firejail":
            return [shutil.which(name), *"""--quiet --noprofile --net=none --ipc-namespace --private --private-dev
                --read-only=/ --blacklist=/sys --caps.drop=all --nonewprivs --seccomp --hostname=warder --""".split(), *command]
        return self.nspawn(command)

    def state(self, name):
        state = self.folder / f"{name}-state"
        state.mkdir(exist_ok=True)
        self.give(state)
        return state

    def root(self, root):
        """A root to mount on: links, and the folders that are mounted on. The runtimes make no links."""
        root.mkdir(parents=True, exist_ok=True)
        for path in SYSTEM_FOLDERS:
            inside = root / path[1:]
            if os.path.islink(path):
                if not inside.is_symlink():
                    inside.symlink_to(os.readlink(path))
            elif os.path.isdir(path):
                inside.mkdir(parents=True, exist_ok=True)
        for path in ("proc", "dev", "tmp", "run", "home/warder", str(self.shown)[1:]):
            (root / path).mkdir(parents=True, exist_ok=True)
        self.give(root)
        return root

    def give(self, folder):
        """To whom the jail's own root is on the host."""
        for path, folders, _ in os.walk(folder):
            for name in ("", *folders):
                os.chown(os.path.join(path, name), *self.owner(), follow_symlinks=False)

    def owner(self):
        if self.user:
            return pwd.getpwnam(self.user)[2:4]
        return (NOBODY, NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())

    def bundle(self, bundle, command):
        """What OCI runtimes start: the same mounts, no capabilities, the policy as their own kind of profile."""
        self.root(bundle / "rootfs")
        read_only = ["rbind", "ro", "nosuid", "nodev"]
        shown = [path for path in SYSTEM_FOLDERS if os.path.isdir(path) and not os.path.islink(path)] + [str(self.shown)]
        mounts = [mount("/proc", "proc", "nosuid", "noexec", "nodev"), mount("/dev", "tmpfs", "nosuid", "mode=755"),
                  mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
                  mount("/dev/shm", "tmpfs", "nosuid", "nodev", "noexec", "mode=1777"),
                  mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"), mount("/run", "tmpfs", "nosuid", "nodev", "mode=755"),
                  mount("/home/warder", "tmpfs", "nosuid", "nodev", "mode=755"),
                  *[{"destination": path, "type": "bind", "source": path, "options": read_only} for path in shown]]
        uid, gid = self.owner()
        program = [str(word) for word in command]
        config = {
            "ociVersion": "1.0.2", "hostname": "warder", "root": {"path": "rootfs", "readonly": True}, "mounts": mounts,
            "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": program, "cwd": str(self.shown),
                        "env": [f"PATH={PATH}", "HOME=/home/warder", "TMPDIR=/tmp"], "noNewPrivileges": True,
                        "capabilities": {name: [] for name in CAPABILITIES}},
            "linux": {"namespaces": [{"type": name} for name in NAMESPACES], "seccomp": floor.oci_profile(),
                      "uidMappings": [{"containerID": 0, "hostID": uid, "size": 1}],
                      "gidMappings": [{"containerID": 0, "hostID": gid, "size": 1}]}}
        (bundle / "config.json").write_text(json.dumps(config))

    def nspawn(self, command):
        root = self.root(self.folder / "nspawn")
        words = [shutil.which("systemd-nspawn"), "-D", root, *"""--settings=no -q --register=no --keep-unit --private-network
            --as-pid2 --read-only --no-new-privileges=yes --drop-capability=all --console=pipe --hostname=warder
            --resolv-conf=off --timezone=off --link-journal=no --tmpfs=/home/warder""".split(),
            f"--machine={CONTAINER}", f"--private-users={NSPAWN_RANGE}:65536", f"--chdir={self.shown}"]
        for path in [*SYSTEM_FOLDERS, str(self.shown)]:
            if os.path.isdir(path) and not os.path.islink(path):
                words.append(f"--bind-ro={path}")
        return [*words, *command]


def mount(target, kind, *options):
    return {"destination": target, "type": kind, "source": kind, "options": list(options)}
