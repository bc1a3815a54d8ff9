/* What the program is and may become. */
#define _GNU_SOURCE
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* suid=FILE is a set-user-ID program of root's that exits with 0 if it runs as root outside any user namespace of ours. */
static long set_user_id(void) {
  int status;
  if (!told("suid")) return NOT_HERE;
  pid_t pid = fork();
  if (pid < 0) return -errno;
  if (pid == 0) {
    execl(told("suid"), "suid", NULL);
    _exit(errno);
  }
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

static long become_root(void) { return outcome(setresuid(0, 0, 0)); }
static long become_roots_group(void) { return outcome(setresgid(0, 0, 0)); }

static long status_line(const char *name, char *value, size_t size) {
  char line[256];
  FILE *file = fopen("/proc/self/status", "r");
  if (!file) return -errno;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0) {
      snprintf(value, size, "%s", line + strlen(name) + 1);
      fclose(file);
      return 0;
    }
  return -ENOENT;
}

/* Succeeds if the program holds any capability in any set. */
static long has_capability(void) {
  static const char *const sets[] = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};
  char value[64];
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    long missing = status_line(sets[i], value, sizeof value);
    if (missing) return missing;
    if (strtoull(value, NULL, 16)) return 0;
  }
  return -EPERM;
}

static long may_gain_privileges(void) {
  int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
  return set < 0 ? -errno : set ? -EPERM : 0;
}

static long has_groups(void) {
  int count = getgroups(0, NULL);
  return count < 0 ? -errno : count ? 0 : -EPERM;
}

/* Variables that make programs run foreign code or that hold the caller's secrets. */
static long environment(void) {
  static const char *const names[] = {"LD_PRELOAD", "LD_LIBRARY_PATH", "JAVA_TOOL_OPTIONS", "GCONV_PATH", "BASH_ENV", "ENV",
      "PYTHONSTARTUP", "PERL5OPT", "NODE_OPTIONS", "WARDER_SECRET"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (getenv(names[i])) return 0;
  return -ENOENT;
}

const struct probe privilege_probes[] = {
    {"43", "set-user-id-program", REFUSED, set_user_id},
    {"43", "become-root", REFUSED, become_root},
    {"43", "become-roots-group", REFUSED, become_roots_group},
    {"43", "hold-a-capability", REFUSED, has_capability},
    {"43", "gain-privileges-by-exec", REFUSED, may_gain_privileges},
    {"43", "hold-groups", REFUSED, has_groups},
    {"60", "dangerous-variables", REFUSED, environment},
    {NULL, NULL, REFUSED, NULL}};
