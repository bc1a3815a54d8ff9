/* What can be done with files: for Landlock's rules, a second wall behind the mounts.
 *
 *   files hand FOLDER COMMAND [ARG...]     runs a command that has, as file descriptor 3, a socket in which FOLDER waits, open
 *   files take                             takes the folder out of the socket and tries everything on it
 *   files try FOLDER...                    tries everything on each of them, by its path
 *   files again [FD...]                    opens files that are open once more: to read, to write, to cut, to run;
 *                                          prints to standard error
 *   files refuse ERRNO COMMAND [ARG...]    runs a command for which landlock_create_ruleset(2) fails so
 *
 * A folder should hold the files `secret`, `gone` and `moved`, the folder `sub` and the program `tool`; `try` makes what it can
 * of that. Prints what came of each attempt, one a line.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKET = 3, LANDLOCK_CREATE_RULESET = 444 };

static FILE *out;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void tell(const char *what, long result) {
  fprintf(out, "%s %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
  fflush(out);
}

static long opened(int folder, const char *name, int flags) {
  int fd = openat(folder, name, flags | O_CLOEXEC, 0600);
  return fd < 0 ? fd : close(fd);
}

/* Whether a program can be executed: by its open file, or by its name in a folder. */
static long executed(int folder, const char *name) {
  char *argv[] = {"tool", NULL}, *envp[] = {NULL};
  int status;
  pid_t child = fork();
  if (child == 0) {
    execveat(folder, name, argv, envp, 0);
    _exit(errno);
  }
  if (child < 0 || waitpid(child, &status, 0) < 0) return -1;
  errno = WEXITSTATUS(status);
  return status ? -1 : 0;
}

static long bound(int folder, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, name);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  long result = fd < 0 ? -1 : bind(fd, (struct sockaddr *) &address, sizeof address);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

static long cut(int folder, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);
  return truncate(path, 1);
}

/* A file without a name is given one. */
static long named(int folder) {
  char path[64];
  int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  long result = linkat(AT_FDCWD, path, folder, "unnamed", AT_SYMLINK_FOLLOW);
  int error = errno;
  close(fd);
  errno = error;
  return result;
}

static long mapped(int folder, const char *name) {
  int fd = openat(folder, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, 4096)) return -1;
  char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return -1;
  memory[0] = 1;
  return flock(fd, LOCK_EX) || close(fd) ? -1 : 0;
}

static void try_all(int folder) {
  tell("list", opened(folder, ".", O_RDONLY | O_DIRECTORY));
  tell("read", opened(folder, "secret", O_RDONLY));
  tell("write", opened(folder, "secret", O_WRONLY));
  tell("cut-by-opening", opened(folder, "secret", O_WRONLY | O_TRUNC));
  tell("cut", cut(folder, "secret"));
  tell("run", executed(folder, "tool"));
  tell("make", opened(folder, "made", O_WRONLY | O_CREAT | O_EXCL));
  tell("make-folder", mkdirat(folder, "made-folder", 0700));
  tell("make-fifo", mknodat(folder, "made-fifo", S_IFIFO | 0600, 0));
  tell("make-socket", bound(folder, "made-socket"));
  tell("make-link", symlinkat("x", folder, "made-link"));
  tell("make-unnamed", named(folder));
  tell("name-again", linkat(folder, "secret", folder, "again", 0));
  tell("name-elsewhere", linkat(folder, "secret", folder, "sub/again", 0));
  tell("rename", renameat(folder, "moved", folder, "moved2"));
  tell("rename-elsewhere", renameat(folder, "moved2", folder, "sub/moved"));
  tell("map", mapped(folder, "mapped"));
  tell("remove", unlinkat(folder, "gone", 0));
  tell("remove-folder", unlinkat(folder, "made-folder", AT_REMOVEDIR));
  tell("read-above", opened(folder, "../above", O_RDONLY));
}

/* What may be made of it. Where nothing can be made, nothing is. */
static void fill(int folder) {
  const char *names[] = {"secret", "gone", "moved"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) opened(folder, names[i], O_WRONLY | O_CREAT);
  mkdirat(folder, "sub", 0777);
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = openat(folder, "tool", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
  while (to >= 0 && sendfile(to, from, NULL, 1 << 20) > 0) {}
  close(to);
  close(from);
}

static int take(void) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  if (recvmsg(SOCKET, &message, 0) != 1) die("recvmsg");
  int folder;
  memcpy(&folder, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof folder);
  return folder;
}

static void hand(const char *folder) {
  int pair[2], fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  char space[CMSG_SPACE(sizeof(int))] = "";
  struct iovec part = {"", 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  *control = (struct cmsghdr) {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
  memcpy(CMSG_DATA(control), &fd, sizeof fd);
  if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) die(folder);
  if (sendmsg(pair[0], &message, 0) != 1) die("sendmsg");
  int other = fcntl(pair[1], F_DUPFD, SOCKET + 1);                       /* whatever has the number now */
  if (dup2(other, SOCKET) != SOCKET || close(other)) die("dup2");
}

static void again(int fd) {
  static const struct { const char *name; int flags; } ways[] =
      {{"read", O_RDONLY}, {"write", O_WRONLY}, {"both", O_RDWR}, {"cut", O_WRONLY | O_TRUNC}};
  char path[64], what[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    snprintf(what, sizeof what, "%d-%s", fd, ways[i].name);
    tell(what, opened(AT_FDCWD, path, ways[i].flags));
  }
  snprintf(what, sizeof what, "%d-run", fd);
  tell(what, executed(AT_FDCWD, path));
}

static void refuse(int error) {
  struct sock_filter insns[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LANDLOCK_CREATE_RULESET, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {sizeof insns / sizeof *insns, insns};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) die("seccomp");
}

int main(int argc, char **argv) {
  const char *role = argc > 1 ? argv[1] : "";
  umask(0);
  out = strcmp(role, "again") ? stdout : stderr;
  if (argc && !strcmp(argv[0], "tool")) return 0;
  if (!strcmp(role, "take")) {
    try_all(take());
  } else if (!strcmp(role, "try")) {
    for (int i = 2; i < argc; i++) {
      int folder = open(argv[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
      fprintf(out, "%s\n", argv[i]);
      if (folder < 0) die(argv[i]);
      fill(folder);
      try_all(folder);
      close(folder);
    }
  } else if (!strcmp(role, "again")) {
    for (int i = 2; i < argc; i++) again(atoi(argv[i]));
  } else if (argc > 3 && (!strcmp(role, "hand") || !strcmp(role, "refuse"))) {
    if (role[0] == 'h') hand(argv[2]);
    else refuse(atoi(argv[2]));
    execvp(argv[3], argv + 3);
    die(argv[3]);
  } else {
    fputs("what to do?\n", stderr);
    return 2;
  }
  return 0;
}
