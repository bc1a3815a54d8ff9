/* Files by which the kernel is set, read or driven. They are opened and not written, so that a run outside does no harm. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define WRITES(name, path) static long write_##name(void) { return outcome(open(path, O_WRONLY)); }
#define READS(name, path) static long read_##name(void) { return outcome(open(path, O_RDONLY)); }
WRITES(core_pattern, "/proc/sys/kernel/core_pattern")
WRITES(modprobe, "/proc/sys/kernel/modprobe")
WRITES(sysrq, "/proc/sysrq-trigger")
WRITES(uevent_helper, "/sys/kernel/uevent_helper")
WRITES(binfmt, "/proc/sys/fs/binfmt_misc/register")
WRITES(drop_caches, "/proc/sys/vm/drop_caches")
WRITES(panic, "/proc/sys/kernel/panic")
WRITES(irq, "/proc/irq/default_smp_affinity")
WRITES(mtrr, "/proc/mtrr")
READS(kcore, "/proc/kcore")
READS(kmsg, "/proc/kmsg")
READS(timer_list, "/proc/timer_list")
READS(slabinfo, "/proc/slabinfo")
READS(pagetypeinfo, "/proc/pagetypeinfo")
READS(firmware, "/sys/firmware")
READS(efivars, "/sys/firmware/efi/efivars")
READS(debug, "/sys/kernel/debug")
READS(sys, "/sys/kernel")
READS(dev_kmsg, "/dev/kmsg")
READS(dev_mem, "/dev/mem")
READS(dev_port, "/dev/port")
READS(dev_fuse, "/dev/fuse")
READS(dev_kvm, "/dev/kvm")
READS(dev_console, "/dev/console")

static long lower_oom_score(void) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY);
  return fd < 0 ? -errno : outcome(write(fd, "-1000", 5));
}

/* Whether /proc tells of the key of the host, as it does where it is not covered. */
static long keys_of_host(void) {
  FILE *file = fopen("/proc/keys", "r");
  char line[512];
  if (!file) return -errno;
  while (fgets(line, sizeof line, file))
    if (strstr(line, "warder-canary")) return 0;
  return -ENOENT;
}

static long make_node(mode_t type, int major, int minor) {
  unlink("/tmp/node");
  if (mknod("/tmp/node", type | 0666, makedev(major, minor))) return -errno;
  return outcome(open("/tmp/node", O_RDONLY));
}

static long node_mem(void) { return make_node(S_IFCHR, 1, 1); }
static long node_null(void) { return make_node(S_IFCHR, 1, 3); }
static long node_disk(void) {
  struct stat status;
  if (!told("disk") || sscanf(told("disk"), "%lu", &status.st_dev) != 1) return NOT_HERE;
  return make_node(S_IFBLK, major(status.st_dev), minor(status.st_dev));
}

#define WRITE(attack, name) {attack, "write-" #name, REFUSED, write_##name}
#define READ(attack, name) {attack, "read-" #name, REFUSED, read_##name}

const struct probe kernel_probes[] = {
    WRITE("35", core_pattern), WRITE("35", modprobe), WRITE("35", sysrq), WRITE("35", uevent_helper), WRITE("35", binfmt),
    WRITE("35", drop_caches), WRITE("35", panic), WRITE("35", irq), WRITE("35", mtrr),
    {"35", "lower-oom-score", REFUSED, lower_oom_score},
    {"50", "node-of-memory", REFUSED, node_mem},
    {"50", "node-of-null", REFUSED, node_null},
    {"50", "node-of-disk", REFUSED, node_disk},
    READ("50", dev_kmsg), READ("50", dev_mem), READ("50", dev_port), READ("50", dev_fuse), READ("50", dev_kvm),
    READ("50", dev_console),
    READ("62", kcore), READ("62", kmsg), READ("62", timer_list), READ("62", slabinfo), READ("62", pagetypeinfo),
    READ("62", firmware), READ("62", efivars), READ("62", debug), READ("62", sys),
    {"62", "keys-of-the-host", OWN, keys_of_host},
    {NULL, NULL, REFUSED, NULL}};
