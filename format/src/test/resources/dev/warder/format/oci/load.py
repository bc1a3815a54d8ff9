"""Loads a profile of the OCI runtime specification into libseccomp as runc does, and prints the program.

First line: the names that this libseccomp does not know, each with its architecture before it. Then the program, as an array of struct sock_filter.
"""
import json
import os
import sys

import seccomp

OPERATORS = {
    "SCMP_CMP_NE": seccomp.NE, "SCMP_CMP_LT": seccomp.LT, "SCMP_CMP_LE": seccomp.LE, "SCMP_CMP_EQ": seccomp.EQ,
    "SCMP_CMP_GE": seccomp.GE, "SCMP_CMP_GT": seccomp.GT, "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ}
ACTIONS = {
    "SCMP_ACT_ALLOW": seccomp.ALLOW, "SCMP_ACT_KILL_THREAD": seccomp.KILL, "SCMP_ACT_LOG": seccomp.LOG,
    "SCMP_ACT_KILL_PROCESS": seccomp.KILL_PROCESS, "SCMP_ACT_TRAP": seccomp.TRAP, "SCMP_ACT_NOTIFY": seccomp.NOTIFY}


def action(name, number):
    if name == "SCMP_ACT_ERRNO":
        return seccomp.ERRNO(1 if number is None else number)
    if name == "SCMP_ACT_TRACE":
        return seccomp.TRACE(1 if number is None else number)
    return ACTIONS[name]


def argument(test):
    operator = OPERATORS[test["op"]]
    if operator == seccomp.MASKED_EQ:
        return seccomp.Arg(test["index"], operator, test["value"], test.get("valueTwo", 0))
    return seccomp.Arg(test["index"], operator, test["value"])


def main():
    profile = json.load(sys.stdin)
    default = action(profile["defaultAction"], profile.get("defaultErrnoRet"))
    program = seccomp.SyscallFilter(default)
    wanted = [getattr(seccomp.Arch, name[len("SCMP_ARCH_"):]) for name in profile["architectures"]]
    for arch in wanted:
        if not program.exist_arch(arch):
            program.add_arch(arch)
    if not any(arch == seccomp.Arch.X86_64 for arch in wanted):
        program.remove_arch(seccomp.Arch.NATIVE)
    unknown = set()
    for rule in profile["syscalls"]:
        verdict = action(rule["action"], rule.get("errnoRet"))
        tests = [argument(test) for test in rule.get("args", [])]
        for name in rule["names"]:
            for label in profile["architectures"]:
                arch = getattr(seccomp.Arch, label[len("SCMP_ARCH_"):])
                if seccomp.resolve_syscall(arch, name) < 0:
                    unknown.add(label[len("SCMP_ARCH_"):].lower() + ":" + name)
            if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) == -1:
                continue
            if verdict != default:
                program.add_rule(verdict, name, *tests)
    print(" ".join(sorted(unknown)), flush=True)
    program.export_bpf(os.fdopen(1, "wb"))


main()
