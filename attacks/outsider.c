/* outsider NAME: until its standard input ends, tries to get at every process whose program is called NAME: to trace it, to
 * read its memory, its files, its environment and its program file. Prints how many it found and how many it opened.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_called(pid_t pid, const char *name) {
  char path[64], text[32] = "";
  snprintf(path, sizeof path, "/proc/%d/comm", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  close(fd);
  text[length > 0 ? length - 1 : 0] = 0;
  return strcmp(text, name) == 0;
}

static bool opens(pid_t pid, const char *name, int flags) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, flags | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool traces(pid_t pid) {
  if (ptrace(PTRACE_SEIZE, pid, NULL, 0)) return false;
  /* Only a stopped process can be let go; one that is not, its parent never sees end. */
  ptrace(PTRACE_INTERRUPT, pid, NULL, 0);
  waitpid(pid, NULL, __WALL);
  ptrace(PTRACE_DETACH, pid, NULL, 0);
  return true;
}

static bool steals(pid_t pid) {
  int fd = syscall(SYS_pidfd_open, pid, 0);
  int stolen = fd < 0 ? -1 : syscall(SYS_pidfd_getfd, fd, 3, 0);
  if (fd >= 0) close(fd);
  if (stolen >= 0) close(stolen);
  return stolen >= 0;
}

int main(int argc, char **argv) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  long tried = 0, opened = 0;
  if (argc != 2) return 2;
  puts("watching");
  fflush(stdout);
  while (poll(&input, 1, 0) == 0) {
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
      pid_t pid = atoi(entry->d_name);
      if (pid <= 1 || !is_called(pid, argv[1])) continue;
      tried++;
      bool in = traces(pid) || opens(pid, "mem", O_RDWR) || opens(pid, "environ", O_RDONLY) || opens(pid, "root/", O_RDONLY)
          || opens(pid, "fd/3", O_RDONLY) || steals(pid);
      opened += in && is_called(pid, argv[1]);
    }
    closedir(proc);
  }
  printf("%ld processes tried, %ld opened\n", tried, opened);
  return 0;
}
