/* probe [NAME=VALUE...] [WORD...]: makes the attacks of these numbers or names, or all, and prints a line for each probe:
 *
 *   ATTACK NAME EXPECTED RESULT     EXPECTED refused or own; RESULT done, an errno's name, killed, hung or not-here
 *
 * filter=FILE installs a seccomp filter first: a raw array of struct sock_filter. Each probe is made in a process of its
 * own, or, where the filter allows none, in this one. isolated= gives each its own mounts before, much as a jail has
 * them: for runs outside, where some succeed and would stand in the way of others. list= makes none and has "-" for RESULT.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 20, NOTHING = 250 };

static const struct probe *const families[] = {
    terminal_probes, abi_probes, namespace_probes, mount_probes, escape_probes, process_probes, memory_probes, ring_probes,
    socket_probes, ipc_probes, kernel_probes, privilege_probes};
static char **words;

const char *told(const char *name) {
  size_t length = strlen(name);
  for (char **word = words; *word; word++)
    if (strncmp(*word, name, length) == 0 && (*word)[length] == '=') return *word + length + 1;
  return NULL;
}

long sees_outside(void) {
  struct stat status;
  const char *path = told("outside");
  return path ? outcome(stat(path, &status)) : NOT_HERE;
}

static int asked_for(const struct probe *probe) {
  int any = 0;
  for (char **word = words; *word; word++) {
    if (strchr(*word, '=')) continue;
    any = 1;
    if (strcmp(*word, probe->attack) == 0 || strcmp(*word, probe->name) == 0) return 1;
  }
  return !any;
}

static const char *text(long result) {
  return result == NOT_HERE ? "not-here" : result == 0 ? "done" : strerrorname_np(-result);
}

static void cover(const char *path) {
  if (path && mount(path, path, NULL, MS_BIND, NULL) == 0) mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static void isolate(void) {
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return;
  cover("/usr");
  cover("/dev/null");
  mount("x", "/tmp", "tmpfs", 0, NULL);
}

/* An outcome as an exit status and back: errnos as they are, 0 for done. */
static const char *make(const struct probe *probe) {
  int status;
  pid_t pid = fork();
  if (pid < 0) return text(probe->make());
  if (pid == 0) {
    alarm(SECONDS);
    if (told("isolated")) isolate();
    long result = probe->make();
    _exit(result == NOT_HERE ? NOTHING : (int) -result);
  }
  while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR) {}
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? "hung" : "killed";
  return WEXITSTATUS(status) == NOTHING ? text(NOT_HERE) : text(-WEXITSTATUS(status));
}

static void install_filter(const char *path) {
  static struct sock_filter insns[4096];
  FILE *file = fopen(path, "re");
  size_t count = file ? fread(insns, sizeof *insns, 4096, file) : 0;
  struct sock_fprog program = {.len = count, .filter = insns};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
    perror(path);
    exit(2);
  }
}

int main(int argc, char **argv) {
  (void) argc;
  words = argv + 1;
  setvbuf(stdout, NULL, _IOLBF, 4096);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  if (told("filter")) install_filter(told("filter"));
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    for (const struct probe *probe = families[i]; probe->attack; probe++)
      if (asked_for(probe))
        printf("%s %s %s %s\n", probe->attack, probe->name, probe->expected == OWN ? "own" : "refused",
            told("list") ? "-" : make(probe));
  return 0;
}
