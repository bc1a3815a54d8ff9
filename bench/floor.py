"""What the benchmark scripts share: building the C programs and the contenders' jails."""

import os
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent

FREESTANDING = """-O2 -Wall -Wextra -Wno-unused-function -Wno-unused-const-variable -Wno-unused-variable -static
    -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie -mno-red-zone -fno-asynchronous-unwind-tables
    -fcf-protection=none -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,noexecstack -s""".split()

SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store"]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def cc(out, source, *options):
    subprocess.run(["cc", *options, "-o", out, HERE / "floor" / source], check=True)
    return str(out)


def build_true(folder):
    return cc(folder / "true", "true.c", *FREESTANDING)


def build_timer(folder):
    return cc(folder / "timer", "timer.c", "-O2", "-Wall", "-Wextra", "-static")


def build_jail(out, policy_filter, command, *switches):
    """The C program that makes the jail; a switch is WITHOUT_X or STAMPS."""
    words = ", ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in command)
    return cc(out, "jail.c", *FREESTANDING, f'-DFILTER="\\"{policy_filter}\\""', f"-DCOMMAND={words}",
              *[f"-D{switch}" for switch in switches])


def build_image(builder, out, command, options=()):
    """Warder's image. `builder` is a command that takes `-o FILE OPTIONS -- COMMAND`, or with {out} in it one that
    takes just the command behind that."""
    words = shlex.split(builder)
    if "{out}" in words:
        words = [word.replace("{out}", str(out)) for word in words] + list(command)
    else:
        words += ["-o", str(out), *options, "--", *command]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return str(out)


def build_filter(compiler, out):
    subprocess.run([*shlex.split(compiler), "--format", "bpf", "-o", str(out)], check=True)
    return str(out)


def bubblewrap(policy_filter, folder, command, options=()):
    """bubblewrap asked for the image's default jail."""
    words = ["/usr/bin/bwrap", "--unshare-all", "--unshare-user", "--unshare-cgroup", "--hostname", "warder"]
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


def options(parser):
    """The options all scripts have."""
    warder = ROOT / "warder"
    parser.add_argument("--user", help="an ordinary user to measure as, too; made and removed if there is none")
    parser.add_argument("--builder", default=f"{warder} build", help="builds an image (default: %(default)s)")
    parser.add_argument("--filter", help="raw BPF of the policy (default: what --compiler says)")
    parser.add_argument("--compiler", default=f"{warder} compile", help="compiles the policy (default: %(default)s)")


class Users:
    """The users to measure as: the caller and, if root asks for one, an ordinary user."""

    def __init__(self, name):
        self.name = name
        self.made = False

    def __enter__(self):
        if self.name and subprocess.run(["id", self.name], capture_output=True).returncode != 0:
            subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", self.name], check=True)
            self.made = True
        return self

    def __exit__(self, *_):
        if self.made:
            subprocess.run(["userdel", self.name], check=True)

    def all(self):
        caller = "root" if os.geteuid() == 0 else "ordinary user"
        return [(caller, [])] + ([("ordinary user", self.become())] if self.name else [])

    def become(self):
        return ["setpriv", f"--reuid={self.name}", f"--regid={group(self.name)}", "--clear-groups", "--inh-caps=-all"]


def group(user):
    return subprocess.run(["id", "-g", user], check=True, capture_output=True, text=True).stdout.strip()


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def fail(message):
    sys.exit(f"{sys.argv[0]}: {message}")
