/* Ways out of the file system that is shown. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LAST_FILE = 1024, DEPTH = 50, INODE_OF_ROOT = 2 };

/* The inode number is guessed, as Shocker did: a handle needs no path. */
static long open_by_handle(void) {
  struct {
    struct file_handle head;
    unsigned inode, generation;
  } handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .inode = INODE_OF_ROOT};
  int mount = open(told("shown") ? told("shown") : "/usr", O_RDONLY | O_DIRECTORY);
  if (mount < 0) return -errno;
  return outcome(syscall(SYS_open_by_handle_at, mount, &handle, O_RDONLY));
}

static long chroot_twice(void) {
  int here = open("/", O_RDONLY | O_DIRECTORY);
  mkdir("/tmp/cell", 0755);
  if (chroot("/tmp/cell")) return -errno;
  if (fchdir(here)) return -errno;
  for (int i = 0; i < DEPTH; i++)
    if (chdir("..")) return -errno;
  if (chroot(".")) return -errno;
  return sees_outside();
}

static long chroot_alone(void) { return outcome(chroot("/tmp")); }

static long climb(void) {
  char path[3 * DEPTH + 4096];
  const char *outside = told("outside");
  if (!outside) return NOT_HERE;
  *path = 0;
  for (int i = 0; i < DEPTH; i++) strcat(path, "../");
  strcat(path, outside + 1);
  return outcome(access(path, F_OK));
}

static long open_files(void) {
  for (int fd = 3; fd < LAST_FILE; fd++)
    if (fcntl(fd, F_GETFD) >= 0) return 0;
  return -EBADF;
}

static long leave_by_files(void) {
  for (int fd = 3; fd < LAST_FILE; fd++)
    if (fchdir(fd) == 0 && openat(fd, "..", O_RDONLY) >= 0) return 0;
  return -EBADF;
}

static long leave_by_links(void) {
  char path[64];
  for (int fd = 3; fd < 64; fd++) {
    snprintf(path, sizeof path, "/proc/self/fd/%d/..", fd);
    if (chdir(path) == 0) return 0;
  }
  return -ENOENT;
}

static long folder_outside(void) {
  char path[4096];
  if (syscall(SYS_getcwd, path, sizeof path) < 0) return -errno;
  return *path == '/' ? -ENOENT : 0;
}

static long shadow(void) { return outcome(open("/etc/shadow", O_RDONLY)); }
static long outside(void) { return sees_outside(); }

/* All links in /proc that lead to a root or a folder of another process. */
static long links_of_processes(void) {
  static const char *const links[] = {"root", "cwd", "fd/0", "fd/3", "map_files"};
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  char path[512];
  if (!proc) return -errno;
  while ((entry = readdir(proc))) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || atoi(entry->d_name) == getpid() || atoi(entry->d_name) == getppid())
      continue;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
      snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, links[i]);
      if (open(path, O_RDONLY) >= 0) return 0;
    }
  }
  return -EACCES;
}

static long root_of_first(void) { return outcome(open("/proc/1/root/", O_RDONLY)); }

static long process_of_host(void) {
  char path[64];
  if (!told("pid")) return NOT_HERE;
  snprintf(path, sizeof path, "/proc/%s/status", told("pid"));
  FILE *file = fopen(path, "r");
  char line[256];
  if (!file) return -errno;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "Name:\tkeeper", 12) == 0) return 0;
  return -ENOENT;
}

const struct probe escape_probes[] = {
    {"14", "open-by-handle", REFUSED, open_by_handle},
    {"15", "chroot", REFUSED, chroot_alone},
    {"15", "chroot-in-chroot", REFUSED, chroot_twice},
    {"15", "climb-above-the-root", REFUSED, climb},
    {"15", "file-not-shown", REFUSED, outside},
    {"16", "files-above-two", REFUSED, open_files},
    {"16", "leave-by-open-folder", REFUSED, leave_by_files},
    {"17", "leave-by-proc-self-fd", REFUSED, leave_by_links},
    {"17", "current-folder-outside", REFUSED, folder_outside},
    {"17", "shadow", REFUSED, shadow},
    {"61", "links-of-other-processes", REFUSED, links_of_processes},
    {"61", "root-of-process-1", REFUSED, root_of_first},
    {"61", "process-of-the-host", REFUSED, process_of_host},
    {NULL, NULL, REFUSED, NULL}};
