#!/usr/bin/env python3
"""Runs a command in a mount namespace of its own, in which root has what a measurement needs and the machine does not.

  mounts.py COUNT WORDS...

An image cache of its own, so that it can be emptied; no control groups of version 2 and an empty folder of nspawn's,
where the host's own layout stops crun or fills stderr; and COUNT more mounts on `/mnt`, binds of one empty folder.
"""

import ctypes
import os
import sys

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
EMPTY = ("/sys/fs/cgroup/unified", "/run/systemd/nspawn")
libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        sys.exit(f"mounts.py: {what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, kind, flags, options=None):
    words = [word.encode() if word else None for word in (source, target, kind)]
    checked(libc.mount(*words, ctypes.c_ulong(flags), options and options.encode()), f"cannot mount {target}")


def main():
    count = int(sys.argv[1])
    checked(libc.unshare(CLONE_NEWNS), "cannot make a mount namespace")
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    os.makedirs("/var/cache/warder", mode=0o700, exist_ok=True)
    mount("none", "/var/cache/warder", "tmpfs", 0, "mode=700")
    for folder in EMPTY:
        if os.path.isdir(folder):
            mount("none", folder, "tmpfs", 0, "mode=755")
    if count > 0:
        mount("none", "/mnt", "tmpfs", 0, "mode=755")
        for i in range(count):
            os.mkdir(f"/mnt/{i}")
            mount("/mnt/0", f"/mnt/{i}", None, MS_BIND)
    os.execvp(sys.argv[2], sys.argv[2:])


main()
