/* Keeps what attacks aim at, runs a command, and looks whether anything was touched.
 *
 *   keeper [-u UID] [-s SHOWN] FOLDER COMMAND [ARG...]
 *
 * Puts into FOLDER/shown what a jail may show, and into FOLDER/hidden what it must not. Where all of it is, and how the rest
 * is called, is added to COMMAND as NAME=VALUE; SHOWN is the name of FOLDER/shown in the jail. The command's standard input
 * is a terminal that controls its session; files 20 and 21, a folder and a file of the host, are left open to it; its
 * environment holds what must not get in. Prints "canary NAME intact" or "canary NAME TOUCHED", and exits with the command's
 * status.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { WORDS = 1024, TEXT = 1 << 16, PATIENCE_SECONDS = 120, FIRST_SIBLING = 2000, NOBODY = 65534 };

static const char content[] = "what the jail may read and not write\n";
static char *command[WORDS];
static int words;
static char secret[64] = "secret";

static void die(const char *what) {
  perror(what);
  exit(2);
}

static char *path(const char *folder, const char *name) {
  char *text;
  if (asprintf(&text, "%s/%s", folder, name) < 0) die("asprintf");
  return text;
}

static void tell(const char *name, const char *format, ...) {
  char value[4096], *word;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(value, sizeof value, format, arguments);
  va_end(arguments);
  if (asprintf(&word, "%s=%s", name, value) < 0 || words == WORDS - 1) die("asprintf");
  command[words++] = word;
}

static void canary(const char *name, bool intact) { printf("canary %s %s\n", name, intact ? "intact" : "TOUCHED"); }

static void write_file(const char *file, const char *text, mode_t mode) {
  int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode)) die(file);
  close(fd);
}

static void read_file(const char *file, char *text) {
  int fd = open(file, O_RDONLY);
  ssize_t length = 0, n;
  while (fd >= 0 && length < TEXT - 1 && (n = read(fd, text + length, TEXT - 1 - length)) > 0) length += n;
  text[length] = 0;
  close(fd);
}

static int listener(int type, const char *name, bool abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
  if (fd < 0 || bind(fd, (struct sockaddr *) &address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name)))
    die(name);
  if (type == SOCK_STREAM) listen(fd, 8);
  if (!abstract) chmod(name, 0777);
  return fd;
}

static int port_listener(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *) &address, size) || listen(fd, 8)
      || getsockname(fd, (struct sockaddr *) &address, &size)) die("port");
  tell("port", "%d", ntohs(address.sin_port));
  return fd;
}

static bool silent(int fd) {
  char byte;
  int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
  return connection < 0 && recv(fd, &byte, 1, MSG_DONTWAIT) < 0;
}

/* A process that does nothing, of the id that a jail of root's runs as. Its number is beyond those that a jail gives out to
 * its own processes, which could be taken for it.
 */
static pid_t make_sibling(void) {
  pid_t pid;
  for (;;) {
    pid = fork();
    if (pid <= 0 || pid >= FIRST_SIBLING) break;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_NAME, "keeper");
    if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
      _exit(2);
    prctl(PR_SET_DUMPABLE, 1);
    for (;;) pause();
  }
  return pid;
}

/* As "suid" it is the set-user-ID program: whether it runs as somebody else than its caller. */
static void copy_self(const char *to) {
  char block[TEXT];
  ssize_t length;
  int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  while ((length = read(in, block, sizeof block)) > 0)
    if (write(out, block, length) != length) die(to);
  if (out < 0 || fchown(out, 0, 0) || fchmod(out, 04755)) die(to);
  close(out);
}

static void soil_environment(void) {
  setenv("LD_PRELOAD", "libc.so.6", 1);
  setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
  setenv("JAVA_TOOL_OPTIONS", "-Dcanary=1", 1);
  setenv("GCONV_PATH", "/nonexistent", 1);
  setenv("BASH_ENV", "/nonexistent", 1);
  setenv("ENV", "/nonexistent", 1);
  setenv("PYTHONSTARTUP", "/nonexistent", 1);
  setenv("PERL5OPT", "-w", 1);
  setenv("NODE_OPTIONS", "--no-warnings", 1);
  setenv("WARDER_SECRET", secret, 1);
}

static int run(int slave) {
  pid_t pid = fork();
  int status, waited = 0;
  if (pid == 0) {
    int root = open("/", O_RDONLY | O_DIRECTORY), file = open("/etc/hostname", O_RDONLY);
    if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) || dup2(slave, 0) < 0 || dup2(root, 20) < 0 || dup2(file, 21) < 0) _exit(2);
    soil_environment();
    execvp(command[0], command);
    _exit(2);
  }
  while (waitpid(pid, &status, WNOHANG) != pid) {
    usleep(5000);
    if (++waited > PATIENCE_SECONDS * 200) kill(pid, SIGKILL);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv) {
  const char *shown_as = NULL;
  long uid = -1;
  if (strcmp(argv[0], "suid") == 0) return geteuid() == getuid() ? EPERM : 0;
  for (int option; (option = getopt(argc, argv, "+u:s:")) != -1;) {
    if (option == 's') shown_as = optarg;
    else if (option == 'u') uid = atol(optarg);
    else return 2;
  }
  if (argc < optind + 2 || argc > WORDS / 2) return 2;
  umask(022);
  setvbuf(stdout, NULL, _IOLBF, 4096);
  const char *folder = argv[optind], *shown = path(folder, "shown"), *hidden = path(folder, "hidden");
  for (int i = optind + 1; i < argc; i++) command[words++] = argv[i];
  if (!shown_as) shown_as = shown;
  mkdir(shown, 0755);
  mkdir(hidden, 0755);
  write_file(path(shown, "file"), content, 0644);
  write_file(path(hidden, "marker"), content, 0644);
  if (geteuid() == 0) {
    copy_self(path(shown, "suid"));
    tell("suid", "%s/suid", shown_as);
  }
  if (uid >= 0 && (chown(shown, uid, uid) || chown(hidden, uid, uid) || chown(path(shown, "file"), uid, uid) || setgroups(0, NULL)
      || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))) die("-u");
  tell("shown", "%s", shown_as);
  tell("file", "%s/file", shown_as);
  tell("outside", "%s/marker", hidden);

  char name[64];
  snprintf(name, sizeof name, "warder-canary-%d", getpid());
  int stream = listener(SOCK_STREAM, name, true), named = listener(SOCK_STREAM, path(hidden, "socket"), false);
  tell("socket", "%s", name);
  strcat(name, "-datagrams");
  int datagrams = listener(SOCK_DGRAM, name, true), port = port_listener();
  tell("datagrams", "%s", name);
  tell("hidden-socket", "%s/socket", hidden);

  key_t number = 0x5741 << 16 | (getpid() & 0xffff);
  int segment = shmget(number, 4096, IPC_CREAT | 0666), semaphores = semget(number, 1, IPC_CREAT | 0666);
  int messages = msgget(number, IPC_CREAT | 0666);
  char *memory = shmat(segment, NULL, 0);
  if (segment < 0 || semaphores < 0 || messages < 0 || memory == (char *) -1) die("System V IPC");
  strcpy(memory, secret);
  tell("shm", "%#x", number);
  tell("shmid", "%d", segment);
  mqd_t queue = mq_open("/warder-canary", O_RDWR | O_CREAT, 0666, NULL);
  if (queue != -1) tell("queue", "warder-canary");
  long key = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  key = syscall(SYS_add_key, "user", "warder-canary", secret, strlen(secret), KEY_SPEC_SESSION_KEYRING);
  long own = syscall(SYS_add_key, "user", "warder-canary", secret, strlen(secret), KEY_SPEC_USER_KEYRING);
  if (key > 0) tell("key", "%ld", key);
  pid_t sibling = make_sibling();
  tell("pid", "%d", sibling);
  tell("address", "%lx", (unsigned long) secret);
  struct stat status;
  stat(folder, &status);
  tell("disk", "%lu", (unsigned long) status.st_dev);
  char made[2][64];
  snprintf(made[0], sizeof made[0], "/dev/shm/warder-probe-%d", sibling);
  snprintf(made[1], sizeof made[1], "/tmp/warder-probe-%d", sibling);
  int master, slave;
  if (openpty(&master, &slave, NULL, NULL, NULL)) die("openpty");
  fcntl(master, F_SETFD, FD_CLOEXEC);
  struct termios raw;                                                  /* else what is typed counts by whole lines */
  tcgetattr(slave, &raw);
  cfmakeraw(&raw);
  tcsetattr(slave, TCSANOW, &raw);

  static char mounts[TEXT], after[TEXT];
  read_file("/proc/self/mountinfo", mounts);
  int ended = run(slave);
  read_file("/proc/self/mountinfo", after);
  int typed = 0, state;
  ioctl(slave, FIONREAD, &typed);
  canary("terminal", typed == 0);
  canary("mounts", strcmp(mounts, after) == 0);
  read_file(path(shown, "file"), after);
  stat(path(shown, "file"), &status);
  canary("file", strcmp(after, content) == 0 && (status.st_mode & 07777) == 0644);
  canary("sockets", silent(stream) && silent(named) && silent(datagrams) && silent(port));
  canary("segment", strcmp(memory, secret) == 0 && shmget(number, 0, 0) == segment && semget(number, 0, 0) == semaphores);
  canary("process", waitpid(sibling, &state, WNOHANG | WUNTRACED) == 0);
  char value[64] = "";
  canary("key", key < 0 || (syscall(SYS_keyctl, KEYCTL_READ, key, value, sizeof value, 0) > 0 && strcmp(value, secret) == 0));
  canary("shared-memory", access(made[0], F_OK) != 0 && access(made[1], F_OK) != 0);
  struct stat link;
  canary("folder", lstat(path(shown, "link"), &link) != 0);

  kill(sibling, SIGKILL);
  shmctl(segment, IPC_RMID, NULL);
  semctl(semaphores, 0, IPC_RMID);
  msgctl(messages, IPC_RMID, NULL);
  mq_unlink("/warder-canary");
  if (own > 0) syscall(SYS_keyctl, KEYCTL_UNLINK, own, KEY_SPEC_USER_KEYRING, 0, 0);
  unlink(made[0]);
  unlink(made[1]);
  return ended;
}
