"""How the price of a launch grows with mounts: those of the jail, and those that the host has already."""

import resource
import statistics

import floor
import launchers

BINDS = (1, 10, 100, 1000)
HOST_MOUNTS = (0, 100, 1000, 5000)
FILES = 4096  # each bind of an image is a descriptor until it is attached
FAST = ("C program", "image", "warder run, repeated", "bubblewrap")


def mounts_of_jail(bench, quick):
    """The C program's milliseconds with so many read-only binds more, and the others' ratios to it, round by round."""
    counts = BINDS[:2] if quick else BINDS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, FILES)), hard))
    columns = [name for name in ("C program", "image", "bubblewrap") if name in bench.contenders]
    samples = {count: times(bench, growing(bench, count, columns), rounds(bench, count, 7)) for count in counts}
    samples[0] = times(bench, {name: name for name in columns}, bench.args.rounds)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return table("binds more", columns, samples, (0, *counts))


def growing(bench, count, columns):
    """Adds contenders with so many binds; their names."""
    command = [bench.command]
    folder = bench.folder
    targets = [f"/mnt/{i}" for i in range(count)]
    names = {name: f"{name}, {count}" for name in columns}
    bench.add(names["C program"],
              [floor.build_jail(folder / f"floor-{count}", folder / "filter.bpf", command, f"BINDS={count}")])
    options = [word for target in targets for word in ("--bind-ro", f"/usr/share:{target}")]
    bench.add(names["image"], [floor.build_image(bench.args.builder, folder / f"image-{count}", command, options)])
    if "bubblewrap" in columns:
        options = [word for target in targets for word in ("--ro-bind", "/usr/share", target)]
        bench.add(names["bubblewrap"], launchers.bubblewrap(folder / "filter.bpf", folder / "work", command, options))
    return names


def mounts_of_host(bench, quick):
    """The same launches in mount namespaces that hold more; at least 21 rounds, for a contender that runs in every twentieth
    only."""
    counts = HOST_MOUNTS[:2] if quick else HOST_MOUNTS
    columns = [name for name in (*FAST, *bench.others) if name in bench.contenders]
    columns = list(dict.fromkeys(columns))
    samples = {count: times(bench, {name: name for name in columns}, rounds(bench, count // 5, 21), count) for count in counts}
    return table("mounts more on the host", columns, samples, counts)


def rounds(bench, count, least):
    """Fewer where one takes long."""
    return max(min(bench.args.rounds, least), bench.args.rounds // max(1, count // 20))


def times(bench, names, count, mounts=0):
    samples = bench.times(count, list(names.values()), mounts)
    return {name: {number: ns for number, (ns, *_) in samples[full].items()} for name, full in names.items()}


def table(title, columns, samples, counts):
    first, *others = columns
    rows = []
    for count in counts:
        base = samples[count][first]
        rows.append([str(count), f"{statistics.median(base.values()) / 1e6:.2f}",
                     *[f"{floor.paired(samples[count][name], base):.2f}" for name in others]])
    return floor.markdown([title, f"{first}, ms", *[f"{name}, ratio to it" for name in others]], rows)
