/* Memory: files that are only read, programs without a file, the kernel's tools for exploits, the program's own flags. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 2000 };

static int shown(int flags) { return told("file") ? open(told("file"), flags) : (errno = ENOENT, -1); }

static long write_shown(void) { return outcome(shown(O_WRONLY)); }
static long change_shown(void) { return told("file") ? outcome(chmod(told("file"), 0777)) : NOT_HERE; }

/* As Dirty COW: writes to a private mapping by /proc/self/mem and gives the page back, though without its race. */
static long dirty_cow(void) {
  int file = shown(O_RDONLY), memory = open("/proc/self/mem", O_RDWR);
  if (file < 0 || memory < 0) return -errno;
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
  if (page == MAP_FAILED) return -errno;
  for (int i = 0; i < ROUNDS; i++) {
    if (pwrite(memory, "#", 1, (off_t) page) < 0) return -errno;
    madvise(page, 4096, MADV_DONTNEED);
  }
  return 0;
}

/* As Dirty Pipe: a page of the file in a pipe whose buffers are said to be mergeable. */
static long dirty_pipe(void) {
  int file = shown(O_RDONLY), ends[2];
  char block[4096] = {0};
  loff_t offset = 0;
  if (file < 0 || pipe(ends)) return -errno;
  for (int i = 0; i < 16; i++)
    if (write(ends[1], block, sizeof block) < 0 || read(ends[0], block, sizeof block) < 0) return -errno;
  if (splice(file, &offset, ends[1], NULL, 1, 0) < 0) return -errno;
  return outcome(write(ends[1], "#", 1));
}

static long run_memory(void) {
  int fd = memfd_create("program", 0), self = open("/proc/self/exe", O_RDONLY);
  char block[65536];
  ssize_t length;
  if (fd < 0 || self < 0) return -errno;
  while ((length = read(self, block, sizeof block)) > 0)
    if (write(fd, block, length) < 0) return -errno;
  char *arguments[] = {"probe", "none", NULL}, *none[] = {NULL};
  return outcome(syscall(SYS_execveat, fd, "", arguments, none, AT_EMPTY_PATH));
}

static long load_bpf(void) {
  char attributes[128] = {0};
  return outcome(syscall(SYS_bpf, 0, attributes, sizeof attributes));
}
static long count_events(void) {
  struct { unsigned type, size; unsigned long config, rest[14]; } event = {.type = 1, .size = 112};
  return outcome(syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
}
static long fault_by_user(void) { return outcome(syscall(SYS_userfaultfd, 0)); }
static long fault_by_user_only(void) { return outcome(syscall(SYS_userfaultfd, 1)); }
static long load_kernel(void) { return outcome(syscall(SYS_kexec_load, 0, 0, NULL, 0)); }
static long load_module(void) { return outcome(syscall(SYS_init_module, "", 0, "")); }
static long kernel_log(void) {
  char log[16];
  return outcome(syscall(SYS_syslog, 3, log, sizeof log));
}

static long undo_no_new_privileges(void) { return outcome(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)); }
static long set_layout(void) { return outcome(prctl(PR_SET_MM, PR_SET_MM_BRK, 0x10000, 0, 0)); }
static long free_securebits(void) { return outcome(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0)); }
static long strict_off(void) { return outcome(prctl(PR_SET_SECCOMP, 0, 0, 0, 0)); }

static long raise_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};
  return outcome(syscall(SYS_capset, &header, sets));
}

static long raise_ambient(void) { return outcome(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0)); }

/* A filter that allows everything must not loosen those installed before. */
static long loosen_filter(void) {
  struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {1, all};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) return -errno;
  return outcome(syscall(SYS_unshare, 0x10000000));
}

/* With --as-pid1 this would untie the program from the launcher. */
static long outlive(void) {
  int signal = 0;
  if (prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0)) return -errno;
  return getpid() == 1 && prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0 ? 0 : -ESRCH;
}

const struct probe memory_probes[] = {
    {"24", "write-shown-file", REFUSED, write_shown},
    {"24", "change-mode-of-shown-file", REFUSED, change_shown},
    {"24", "dirty-cow", OWN, dirty_cow},
    {"24", "dirty-pipe", OWN, dirty_pipe},
    {"45", "execute-memory", OWN, run_memory},
    {"48", "bpf", REFUSED, load_bpf},
    {"48", "perf-event-open", REFUSED, count_events},
    {"48", "userfaultfd", REFUSED, fault_by_user},
    {"48", "userfaultfd-user-mode-only", REFUSED, fault_by_user_only},
    {"48", "kexec-load", REFUSED, load_kernel},
    {"48", "init-module", REFUSED, load_module},
    {"48", "kernel-log", REFUSED, kernel_log},
    {"49", "undo-no-new-privileges", REFUSED, undo_no_new_privileges},
    {"49", "set-memory-layout", REFUSED, set_layout},
    {"49", "change-securebits", REFUSED, free_securebits},
    {"49", "switch-seccomp-off", REFUSED, strict_off},
    {"49", "loosen-filter", REFUSED, loosen_filter},
    {"49", "raise-capabilities", REFUSED, raise_capabilities},
    {"49", "raise-ambient", REFUSED, raise_ambient},
    {"52", "outlive-the-launcher", REFUSED, outlive},
    {NULL, NULL, REFUSED, NULL}};
