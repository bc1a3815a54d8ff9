"""What the benchmark scripts share: building the C programs and the contenders' jails."""

import datetime
import functools
import glob
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent

FREESTANDING = """-O2 -Wall -Wextra -Wno-unused-function -Wno-unused-const-variable -Wno-unused-variable -static
    -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie -mno-red-zone -fno-asynchronous-unwind-tables
    -fcf-protection=none -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-z,noexecstack -s""".split()


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


def oci_profile():
    """The default profile as container runtimes take it."""
    words = [ROOT / "warder", "convert", "--to", "oci", "default"]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def libseccomp_filters(folder):
    """What libseccomp makes of that, by its setting of `optimize`; nothing where it cannot be built."""
    tool = folder / "libseccomp"
    built = subprocess.run(["cc", "-O2", "-o", tool, HERE / "filter/libseccomp.c", "-lseccomp"], stderr=subprocess.DEVNULL)
    if built.returncode != 0:
        missing("libseccomp, to be built with")
        return {}
    filters = {}
    for optimize in (1, 2):
        filters[optimize] = folder / f"libseccomp{optimize}.bpf"
        subprocess.run([tool, str(optimize), filters[optimize]], input=libseccomp_rules(oci_profile()), check=True,
                       stdout=subprocess.DEVNULL, text=True)
    return filters


def libseccomp_rules(profile):
    """As bench/filter/libseccomp.c reads them, for x86_64 and i386."""
    def errno(rule, key):
        return 0x50000 | rule[key] if key in rule else 0x50001
    lines = [f"policy {errno(profile, 'defaultErrnoRet'):x} {0x80000000:x}"]
    for arch in ("x86_64", "x86"):
        lines.append(f"arch:{arch} 0")
        for rule in profile["syscalls"]:
            value = {"SCMP_ACT_ALLOW": 0x7FFF0000, "SCMP_ACT_ERRNO": errno(rule, "errnoRet")}[rule["action"]]
            tests = [libseccomp_test(test) for test in rule.get("args", [])]
            lines += [f"{name} {value:x}{''.join(tests)}" for name in rule["names"]]
    return "\n".join(lines) + "\n"


def libseccomp_test(test):
    operator = test["op"].removeprefix("SCMP_CMP_")
    if operator == "MASKED_EQ":
        return f" {test['index']} MASKED {test['value']:x} {test['valueTwo']:x}"
    return f" {test['index']} {operator} {test['value']:x}"


def filter_tables(*words):
    """Runs the compiler's tables, a program among core's tests."""
    classes = [str(ROOT / "core/target" / name) for name in ("classes", "test-classes")]
    command = [java(), "-cp", ":".join(classes), "dev.warder.filter.FilterTables", *map(str, words)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def java():
    for home in [os.environ.get("JAVA_HOME", ""), *sorted(glob.glob("/usr/lib/jvm/*"))]:
        release = pathlib.Path(home, "release")
        if home and release.exists() and (found := re.search(r'JAVA_VERSION="(\d+)', release.read_text())):
            if int(found[1]) >= 25 and os.access(home + "/bin/java", os.X_OK):
                return home + "/bin/java"
    fail("there is no JDK 25 or newer in JAVA_HOME or /usr/lib/jvm")


def options(parser):
    """The options all scripts have."""
    warder = ROOT / "warder"
    parser.add_argument("--user", help="an ordinary user to measure as, too; made and removed if there is none")
    parser.add_argument("--builder", default=f"{warder} build", help="builds an image (default: %(default)s)")
    parser.add_argument("--filter", help="raw BPF of the policy (default: what --compiler says)")
    parser.add_argument("--compiler", default=f"{warder} compile", help="compiles the policy (default: %(default)s)")


def measuring(parser):
    """The options of those that measure."""
    options(parser)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--quick", action="store_true", help="a few rounds, to see whether it works")
    parser.add_argument("--write", action="store_true", help="replace the tables in docs/benchmarks.md")


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


def write(page, name, text):
    """Replaces what stands between a script's markers on a page of the documentation."""
    begin, end = f"<!-- {name} begins -->", f"<!-- {name} ends -->"
    page = ROOT / page
    before, rest = page.read_text().split(begin)
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}")


def machine(rounds):
    with open("/proc/cpuinfo") as file:
        lines = file.read().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)
    guest = " (virtual)" if any("hypervisor" in line for line in lines) else ""
    mounts = len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
    return (f"{datetime.date.today()}; {os.cpu_count()} × {model}{guest}; Linux {os.uname().release.split('-')[0]}; "
            f"{mounts} mounts on the host; load {os.getloadavg()[0]:.1f} at the start; {rounds} rounds.")


def paired(samples, others):
    """The median of the ratios within a round; both go by the number of the round."""
    ratios = [value / others[number] for number, value in samples.items() if number in others]
    return statistics.median(ratios) if ratios else None


@functools.cache  # says it once
def missing(what):
    print(f"left out, since it is not there: {what}", file=sys.stderr)


def fail(message):
    sys.exit(f"{sys.argv[0]}: {message}")
