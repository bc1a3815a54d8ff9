/* Other processes: the launcher's, process 1, the caller's. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t host(void) { return told("pid") ? atoi(told("pid")) : 0; }

static long open_of(pid_t pid, const char *name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  return pid ? outcome(open(path, flags)) : NOT_HERE;
}

static long seize(pid_t pid) { return pid ? outcome(ptrace(PTRACE_SEIZE, pid, NULL, 0)) : NOT_HERE; }

static long write_memory(pid_t pid) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void *) 0x400000, 1};
  return pid ? outcome(process_vm_writev(pid, &here, 1, &there, 1, 0)) : NOT_HERE;
}

static long read_memory(pid_t pid) {
  char byte;
  struct iovec here = {&byte, 1}, there = {told("address") ? (void *) strtoul(told("address"), NULL, 16) : NULL, 1};
  return pid && told("address") ? outcome(process_vm_readv(pid, &here, 1, &there, 1, 0)) : NOT_HERE;
}

static long steal_file(pid_t pid) {
  int fd = syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return -errno;
  return outcome(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

static long exe_of_first(void) { return open_of(1, "exe", O_WRONLY); }
static long exe_of_first_rw(void) { return open_of(1, "exe", O_RDWR); }
static long exe_of_parent(void) { return open_of(getppid(), "exe", O_WRONLY); }
static long own_exe_later(void) {                    /* the file can be written once nobody executes it: prepared by O_PATH */
  int path = open("/proc/1/exe", O_PATH);
  char link[64];
  if (path < 0) return -errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", path);
  return outcome(open(link, O_WRONLY));
}
static long memory_of_first(void) { return open_of(1, "mem", O_RDWR); }
static long environment_of_first(void) { return open_of(1, "environ", O_RDONLY); }
static long seize_first(void) { return seize(1); }
static long seize_host(void) { return seize(host()); }
static long write_first(void) { return write_memory(1); }
static long read_host(void) { return read_memory(host()); }
static long memory_of_host(void) { return open_of(host(), "mem", O_RDWR); }
static long steal_from_first(void) { return steal_file(1); }
static long steal_from_host(void) { return host() ? steal_file(host()) : NOT_HERE; }
static long kill_host(void) { return host() ? outcome(kill(host(), SIGKILL)) : NOT_HERE; }
static long limit_host(void) {
  struct { unsigned long soft, hard; } limit = {16, 16};
  return host() ? outcome(syscall(SYS_prlimit64, host(), 7, &limit, NULL)) : NOT_HERE;
}

static long be_traced(void) { return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }

static long trace_set_user_id(void) {
  if (!told("suid")) return NOT_HERE;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL)) _exit(errno);
    execl(told("suid"), "suid", NULL);
    _exit(errno);
  }
  int status;
  while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) ptrace(PTRACE_CONT, pid, NULL, 0);
  return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

/* These end the probe itself too, so they come in a run of their own. */
static long kill_group(void) { return outcome(kill(0, SIGKILL)); }
static long kill_all(void) { return outcome(kill(-1, SIGKILL)); }
static long stop_group(void) {
  if (kill(0, SIGSTOP)) return -errno;
  return 0;
}

const struct probe process_probes[] = {
    {"18", "write-exe-of-process-1", REFUSED, exe_of_first},
    {"18", "open-exe-of-process-1-read-write", REFUSED, exe_of_first_rw},
    {"18", "write-exe-of-process-1-by-path-descriptor", REFUSED, own_exe_later},
    {"18", "write-exe-of-parent", REFUSED, exe_of_parent},
    {"19", "seize-process-1", REFUSED, seize_first},
    {"19", "memory-of-process-1", REFUSED, memory_of_first},
    {"19", "environment-of-process-1", REFUSED, environment_of_first},
    {"19", "steal-file-of-process-1", REFUSED, steal_from_first},
    {"22", "traceme", REFUSED, be_traced},
    {"22", "trace-set-user-id", REFUSED, trace_set_user_id},
    {"23", "write-memory-of-process-1", REFUSED, write_first},
    {"23", "seize-outsider", REFUSED, seize_host},
    {"23", "read-outsider", REFUSED, read_host},
    {"23", "open-memory-of-outsider", REFUSED, memory_of_host},
    {"23", "steal-file-of-outsider", REFUSED, steal_from_host},
    {"23", "limit-outsider", REFUSED, limit_host},
    {"23", "kill-outsider", REFUSED, kill_host},
    {"51-kill-group", "kill-group", OWN, kill_group},
    {"51-kill-all", "kill-all", OWN, kill_all},
    {"51-stop-group", "stop-group", OWN, stop_group},
    {NULL, NULL, REFUSED, NULL}};
