#!/usr/bin/env python3
"""Ask the kernel what a filter does, call by call, and compare with what it should do.

    kernel_oracle.py FILTER VECTORS

FILTER holds raw struct sock_filter. Each line of VECTORS is `number value args...`, in hexadecimal: a call made by
x86_64 code, and the 32 bits that the filter must return for it. Prints every difference; exits 1 if there is one.

Each call is made in a child of its own, under the filter in question and a second one that answers SECCOMP_RET_TRACE.
There is no tracer, so a call that passes is never executed but fails with ENOSYS; an action stronger than TRACE shows
itself, as an error number or as SIGSYS. What is weaker than TRACE (ALLOW, LOG) and ENOSYS look the same. The child
reports through shared memory, for under these filters it can make no call that is not the one under test.

uretprobe and uprobe (335, 336) pass every filter on recent kernels and are skipped, as is prctl(PR_SET_SECCOMP), which
has to pass.
"""
import ctypes
import mmap
import os
import signal
import struct
import sys

PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 157, 22, 2, 38
ERRNO, TRACE, ALLOW, ENOSYS = 0x00050000, 0x7FF00000, 0x7FFF0000, 38
ENDED = -1

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


# ld nr; jeq prctl; ld args[0]; jeq PR_SET_SECCOMP; ret ALLOW; ret TRACE
PASS_NOTHING = b"".join(struct.pack("<HBBI", *insn) for insn in [
    (0x20, 0, 0, 0), (0x15, 0, 3, PRCTL), (0x20, 0, 0, 16), (0x15, 0, 1, PR_SET_SECCOMP),
    (0x06, 0, 0, ALLOW), (0x06, 0, 0, TRACE)])


def observe(code, number, args, shared):
    """The error number that the call got, or ENDED if a signal ended the child."""
    shared[:8] = bytes(8)
    programs = [Program(len(c) // 8, c) for c in (PASS_NOTHING, code)]
    arguments = [ctypes.c_long(number)] + [ctypes.c_long(a) for a in args]
    pid = os.fork()
    if pid == 0:
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        installed = [libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(p), 0, 0) for p in programs]
        libc.syscall(*arguments)
        shared[4:8] = struct.pack("<i", ctypes.get_errno() if installed == [0, 0] else 9999)
        shared[0] = 1
        while True:
            pass
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return ENDED if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS else 9998
        if shared[0]:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return struct.unpack("<i", shared[4:8])[0]


def expected(value):
    if value & 0xFFFF0000 == ERRNO:
        return value & 0xFFFF
    stronger = value - (1 << 32) if value >> 31 else value
    return ENDED if stronger < ERRNO else ENOSYS


def main(filter_path, vectors_path):
    code = open(filter_path, "rb").read()
    shared = mmap.mmap(-1, 4096)
    asked = differences = 0
    for line in open(vectors_path):
        number, value, *args = (int(cell, 16) for cell in line.split())
        if number in (335, 336) or number == PRCTL and args[0] & 0xFFFFFFFF == PR_SET_SECCOMP:
            continue
        asked += 1
        seen = observe(code, number, args, shared)
        if seen != expected(value):
            differences += 1
            print(f"call {number:#x} {args}: kernel gives {seen}, filter should give {value:#x}")
    print(f"{asked} calls, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
