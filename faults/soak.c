/* Launches an image many times and looks for what is left behind.
 *
 *   soak [-u UID] [-d FOLDER] [-f NUMBER:FILE] [-t] launch|kill TIMES IMAGE
 *
 * -f has each launch find FILE open as descriptor NUMBER, -t lets it sit at a terminal; then this must not lead a process group.
 *
 * "launch" waits for each launch, which must end with status 0. "kill" kills the launcher at a random moment of the time
 * that three launches take, so before, while and after the program is started; then all of the jail must be gone within
 * five seconds, and one more launch, left alone, removes what control groups there are. Prints the state of the machine
 * before and after, and exits 1 if there is more of anything but memory in use.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 8 };

struct state {
  long mounts, cgroups, keys, files, threads, messages;
};

static struct {
  int number;
  const char *path;
} files[FILES];

static int open_files;
static int master = -1, slave = -1;
static struct termios calm;

static long uid = -1;
static const char *folder = ".";
static bool quiet;                                                     /* a jail whose launcher was killed may say so */
static long folders;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static long lines(const char *path) {
  FILE *file = fopen(path, "re");
  long count = 0;
  for (int c; file && (c = getc(file)) != EOF;) count += c == '\n';
  if (file) fclose(file);
  return count;
}

static long entries(const char *path) {
  DIR *open = opendir(path);
  long count = 0;
  while (open && readdir(open)) count++;
  if (open) closedir(open);
  return count;
}

/* Control groups bear their launcher's number; those of others who run are none of ours. */
static int count_folder(const char *path, const struct stat *status, int type, struct FTW *where) {
  int launcher;
  (void) status;
  if (type == FTW_D && sscanf(path + where->base, "warder-%d", &launcher) == 1) folders += kill(launcher, 0) && errno == ESRCH;
  return 0;
}

static struct state look(void) {
  folders = 0;
  nftw("/sys/fs/cgroup", count_folder, 16, FTW_PHYS | FTW_MOUNT);
  return (struct state) {.mounts = lines("/proc/self/mountinfo"), .cgroups = folders, .keys = lines("/proc/keys"),
      .files = entries("/proc/self/fd"), .threads = entries("/proc/self/task"), .messages = lines("/proc/sysvipc/shm")};
}

/* Others may take theirs away meanwhile. */
static bool grew(const struct state *before, const struct state *after) {
  return after->mounts > before->mounts || after->cgroups > before->cgroups || after->keys > before->keys
      || after->files > before->files || after->threads > before->threads || after->messages > before->messages;
}

static long available(void) {
  FILE *file = fopen("/proc/meminfo", "re");
  char line[256];
  long kilobytes = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "MemAvailable: %ld", &kilobytes) == 1) break;
  if (file) fclose(file);
  return kilobytes;
}

static void print(const char *when, const struct state *state) {
  printf("%s: %ld mounts, %ld cgroups of Warder's, %ld keys, %ld open files, %ld threads, %ld shared segments, %ld MB free\n",
      when, state->mounts, state->cgroups, state->keys, state->files - 3, state->threads - 2, state->messages - 1,
      available() / 1024);
}

/* This process leads the session, so that the terminal outlives the launches. */
static void make_terminal(void) {
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0 || grantpt(master) || unlockpt(master)) die("posix_openpt");
  slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0 || setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) || tcgetattr(slave, &calm)) die("TIOCSCTTY");
  signal(SIGTTOU, SIG_IGN);
}

/* A launcher that was killed could not put it back. */
static void calm_terminal(void) {
  char text[4096];
  if (slave < 0) return;
  if (tcsetpgrp(slave, getpid()) || tcsetattr(slave, TCSANOW, &calm)) die("tcsetattr");
  while (read(master, text, sizeof text) > 0) {}
}

static void sit_down(void) {
  if (slave < 0) return;
  if (setpgid(0, 0) || tcsetpgrp(slave, getpid()) || dup2(slave, 0) < 0 || dup2(slave, 1) < 0) _exit(99);
  signal(SIGTTOU, SIG_DFL);
}

static pid_t start(char **command) {
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid) return pid;
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || (quiet && dup2(null, 2) < 0) || chdir(folder)) _exit(99);
  sit_down();
  for (int i = 0; i < open_files; i++) {
    int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (fd == files[i].number ? fcntl(fd, F_SETFD, 0) : dup2(fd, files[i].number)) < 0) _exit(99);
  }
  if (uid >= 0 && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))) _exit(99);
  execv(command[0], command);
  _exit(99);
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000L + time.tv_nsec / 1000;
}

/* All of it is ours, since the reaper of orphans is this process: waits until nobody is left. */
static bool gone(void) {
  for (int waited = 0; waited < 5000; waited++) {
    pid_t pid;
    do pid = waitpid(-1, NULL, WNOHANG);
    while (pid > 0);
    if (pid < 0 && errno == ECHILD) return true;
    usleep(1000);
  }
  return false;
}

static void launch(char **command) {
  int status;
  pid_t pid = start(command);
  if (waitpid(pid, &status, 0) != pid || status != 0) {
    fprintf(stderr, "a launch ended with %#x\n", status);
    exit(1);
  }
  calm_terminal();
}

static void kill_at(long microseconds, char **command) {
  pid_t pid = start(command);
  usleep(microseconds);
  kill(pid, SIGKILL);
  if (!gone()) {
    fprintf(stderr, "killed after %ld us, it left processes behind\n", microseconds);
    exit(1);
  }
  calm_terminal();
}

int main(int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "+u:d:f:t")) != -1;) {
    const char *colon = option == 'f' ? strchr(optarg, ':') : NULL;
    if (option == 'u') uid = atol(optarg);
    else if (option == 'd') folder = optarg;
    else if (option == 't') make_terminal();
    else if (colon && open_files < FILES) {
      files[open_files].number = atoi(optarg);
      files[open_files++].path = colon + 1;
    }
    else return 2;
  }
  if (argc < optind + 3) return 2;
  bool kills = strcmp(argv[optind], "kill") == 0;
  long times = atol(argv[optind + 1]);
  char **command = argv + optind + 2, *brief[] = {command[0], NULL}, *staying[] = {command[0], "stay", NULL};
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  srand(times);
  for (int i = 0; i < 5; i++) launch(brief);
  long began = now();
  for (int i = 0; i < 10; i++) launch(brief);
  long one = (now() - began) / 10;
  quiet = kills;
  struct state before = look();
  print("before", &before);
  for (long i = 0; i < times; i++) {
    if (kills) kill_at(rand() % (3 * one), staying);
    else launch(brief);
  }
  if (kills) launch(brief);
  bool clean = gone();
  struct state after = look();
  print("after", &after);
  printf("%ld times, a launch takes %ld us\n", times, one);
  return !clean || grew(&before, &after);
}
