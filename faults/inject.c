/* Starts a program again and again, traced, and lets one system call of it fail each time.
 *
 *   inject [-u UID] [-d FOLDER] [-f NUMBER:FILE] [-t] [-p UID] PROGRAM [ARG...]
 *
 * -f has the program find FILE open as descriptor NUMBER, -t lets it sit at a terminal with stdin and stdout; then this must
 * not lead a process group. -p has a process of user UID try at each call to get at whoever makes it.
 * One trial a line on stdin: PROCESS CALL ERRNO. Processes are counted in order of creation from 0, each one's calls from 1;
 * errno 0 lets all succeed and lists the calls; a negative one is a result that the kernel did not give. A process is followed until it executes another program: "the payload",
 * unless that is a helper of the launcher's in /usr/bin.
 * Answers, one a line:
 *
 *   call PROCESS CALL NUMBER RESULT OBJECT   with errno 0; OBJECT is a path or other text among the arguments, or the first
 *   made PARENT PROCESS NAMESPACE            until the call has failed; NAMESPACE is 1 if it is the first of a PID namespace
 *   open PROCESS CALL NUMBER HOW             with errno 0; what let the process of user UID in
 *   failed NUMBER OBJECT                     the call that failed, if it was reached
 *   out TEXT, err TEXT                       what was written to stdout and stderr, \n for a newline
 *   end STATUS PAYLOADS LEFT MOUNTS          STATUS as in a shell, or "hung"; LEFT how many processes outlived the first one
 *                                            by thirty seconds, and control groups, and 1 if the terminal is not as it was;
 *                                            MOUNTS how many there are
 *
 * The call is kept from being made by replacing its number, or, under a seccomp filter which would judge that number, by
 * arguments that the kernel refuses.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { PROCESSES = 64, FILES = 8, TEXT = 1 << 16, PATIENCE_SECONDS = 30, GRACE_SECONDS = 30 };

struct process {
  pid_t pid;
  long calls, before;                                                  /* the number of the call before this one */
  bool in_call, filtered, failing;
  struct user_regs_struct entry;
};

struct trial {
  long process, call, error;
};

struct file {
  int number;
  const char *path;
};

struct terminal {
  int master, slave;
  struct termios before;
};

static struct process processes[PROCESSES];
static int count, payloads, left, open_files;
static pid_t helpers[PROCESSES];
static struct file files[FILES];
static struct terminal *terminal;
static int peeper = -1;
static bool failed;
static volatile sig_atomic_t impatient;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void on_alarm(int signal) {
  (void) signal;
  impatient = 1;
}

static void patience(int seconds) {
  impatient = 0;
  alarm(seconds);
}

/* This process leads the session, so that the terminal outlives the programs. */
static void make_terminal(void) {
  static struct terminal made;
  made.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (made.master < 0 || grantpt(made.master) || unlockpt(made.master)) die("posix_openpt");
  made.slave = open(ptsname(made.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (made.slave < 0 || setsid() < 0 || ioctl(made.slave, TIOCSCTTY, 0)) die("TIOCSCTTY");
  if (tcgetattr(made.slave, &made.before)) die("tcgetattr");
  made.before.c_oflag &= ~(tcflag_t) OPOST;
  if (tcsetattr(made.slave, TCSANOW, &made.before)) die("tcsetattr");
  signal(SIGTTOU, SIG_IGN);
  terminal = &made;
}

static void sit_down(int out) {
  if (!terminal) {
    if (dup2(out, 1) < 0) _exit(99);
    return;
  }
  if (setpgid(0, 0) || tcsetpgrp(terminal->slave, getpid()) || dup2(terminal->slave, 0) < 0 || dup2(terminal->slave, 1) < 0)
    _exit(99);
  signal(SIGTTOU, SIG_DFL);
}

/* What was written to the terminal, up to a byte of our own. */
static void clear_table(int out) {
  struct termios after = {0};
  char byte;
  if (!terminal) return;
  if (tcsetpgrp(terminal->slave, getpid()) || tcgetattr(terminal->slave, &after)) die("tcgetattr");
  left += memcmp(&after, &terminal->before, sizeof after) != 0;
  if (tcsetattr(terminal->slave, TCSANOW, &terminal->before) || write(terminal->slave, "", 1) != 1) die("tcsetattr");
  while (read(terminal->master, &byte, 1) == 1 && byte)
    if (write(out, &byte, 1) != 1) die("write");
}

static void open_all(void) {
  for (int i = 0; i < open_files; i++) {
    int fd = open(files[i].path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (fd == files[i].number ? fcntl(fd, F_SETFD, 0) : dup2(fd, files[i].number)) < 0) _exit(99);
  }
}

static bool opens(pid_t pid, const char *name, int flags) {
  char path[48];
  sprintf(path, "/proc/%d/%s", pid, name);
  int fd = open(path, flags | O_CLOEXEC);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static bool steals(pid_t pid) {
  int fd = (int) syscall(SYS_pidfd_open, pid, 0);
  int stolen = fd < 0 ? -1 : (int) syscall(SYS_pidfd_getfd, fd, 0, 0);
  if (fd >= 0) close(fd);
  if (stolen >= 0) close(stolen);
  return stolen >= 0;
}

static unsigned char get_at(pid_t pid) {
  return (unsigned char) (opens(pid, "mem", O_RDWR) | opens(pid, "root", O_PATH) << 1 | opens(pid, "fd/0", O_PATH) << 2
      | opens(pid, "environ", O_RDONLY) << 3 | opens(pid, "exe", O_PATH) << 4 | steals(pid) << 5);
}

/* Not a child of this process, which waits for all it has. */
static void make_peeper(long uid) {
  int ends[2];
  pid_t pid;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) die("socketpair");
  pid_t between = fork();
  if (between < 0) die("fork");
  if (between == 0) {
    if (fork()) _exit(0);
    close(ends[0]);
    if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)) _exit(99);
    while (read(ends[1], &pid, sizeof pid) == sizeof pid) {
      unsigned char how = get_at(pid);
      if (write(ends[1], &how, 1) != 1) break;
    }
    _exit(0);
  }
  waitpid(between, NULL, 0);
  close(ends[1]);
  peeper = ends[0];
}

static void peep(const struct process *p) {
  unsigned char how = 0;
  if (write(peeper, &p->pid, sizeof p->pid) != sizeof p->pid || read(peeper, &how, 1) != 1) die("the peeper is gone");
  if (how) printf("open %ld %ld %lld %#x\n", (long) (p - processes), p->calls, (long long) p->entry.orig_rax, how);
}

static pid_t start(char **command, long uid, const char *folder, int out, int err) {
  int go[2];
  if (pipe2(go, O_CLOEXEC)) die("pipe2");
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) {
    char byte;
    int null = open("/dev/null", O_RDWR);
    close(go[1]);
    if (read(go[0], &byte, 1) != 1 || dup2(null, 0) < 0 || dup2(err, 2) < 0) _exit(99);
    sit_down(out);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    open_all();
    if (chdir(folder) || (uid >= 0 && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))) _exit(99);
    execv(command[0], command);
    _exit(99);
  }
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC
      | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, pid, NULL, options)) die("PTRACE_SEIZE");
  if (write(go[1], "", 1) != 1) die("write");
  close(go[0]);
  close(go[1]);
  return pid;
}

static struct process *find(pid_t pid) {
  for (int i = 0; i < count; i++)
    if (processes[i].pid == pid) return &processes[i];
  if (count == PROCESSES) return NULL;
  processes[count] = (struct process) {.pid = pid};
  return &processes[count++];
}

static void print_escaped(const char *name, const char *text, size_t length) {
  printf("%s ", name);
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '\n') fputs("\\n", stdout);
    else if (text[i] == '\\') fputs("\\\\", stdout);
    else putchar(text[i]);
  }
  putchar('\n');
}

static const struct {
  unsigned long number;
  const char *name;
} requests[] = {{TCGETS, "TCGETS"}, {TCSETS, "TCSETS"}, {TIOCGDEV, "TIOCGDEV"}, {TIOCGPGRP, "TIOCGPGRP"},
    {TIOCGPTPEER, "TIOCGPTPEER"}, {TIOCGWINSZ, "TIOCGWINSZ"}, {TIOCSWINSZ, "TIOCSWINSZ"}, {TIOCSCTTY, "TIOCSCTTY"},
    {TIOCSPTLCK, "TIOCSPTLCK"}};

static void print_request(unsigned long number) {
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
    if (requests[i].number == number) {
      printf("%s\n", requests[i].name);
      return;
    }
  printf("%#lx\n", number);
}

static bool knows_helper(pid_t pid) {
  for (int i = 0; i < PROCESSES; i++)
    if (helpers[i] == pid) return true;
  return false;
}

/* Text at an address of the process, or a number where there is none. */
static void print_object(const struct process *p, const struct user_regs_struct *regs) {
  pid_t pid = p->pid;
  if (regs->orig_rax == SYS_ioctl) {
    print_request(regs->rsi);
    return;
  }
  unsigned long address = 0;
  switch (regs->orig_rax) {
    case SYS_openat: case SYS_openat2: case SYS_statx: case SYS_readlinkat: case SYS_mkdirat: case SYS_mknodat:
    case SYS_open_tree: case SYS_write: address = regs->rsi; break;
    case SYS_symlinkat: case SYS_fsconfig: address = regs->rdx; break;
    case SYS_move_mount: address = regs->r10; break;
    case SYS_chdir: case SYS_execve: case SYS_fsopen: case SYS_sethostname: case SYS_pivot_root: case SYS_umount2:
      address = regs->rdi; break;
  }
  switch (regs->orig_rax) {                                            /* numbers and addresses differ from plan to plan */
    case SYS_landlock_create_ruleset: puts(regs->rdx ? "version" : "make"); return;
    case SYS_landlock_restrict_self: puts("ruleset"); return;
    case SYS_landlock_add_rule: puts(p->before == SYS_fcntl ? "open file" : "mount"); return;   /* how it is open was asked for */
  }
  char text[256] = "";
  struct iovec to = {text, sizeof text - 1}, from = {(void *) address, sizeof text - 1};
  if (address && process_vm_readv(pid, &to, 1, &from, 1, 0) > 0 && text[0]) {
    for (char *c = text; *c; c++)
      if (*c == '\n') *c = ' ';
    printf("%s\n", text);
  } else if (regs->orig_rax == SYS_wait4 && knows_helper((pid_t) regs->rdi)) {
    printf("helper\n");
  } else {
    printf("%lld%s\n", (long long) (int) regs->rdi, regs->orig_rax == SYS_wait4 && regs->rdx & WNOHANG ? " WNOHANG" : "");
  }
}

static void fail_call(struct process *p, struct user_regs_struct *regs) {
  if (regs->orig_rax == SYS_exit_group) return;                        /* it cannot fail */
  printf("failed %lld ", (long long) regs->orig_rax);
  print_object(p, regs);
  if (p->filtered) regs->rdi = regs->rsi = regs->rdx = regs->r10 = regs->r8 = regs->r9 = -1;
  else regs->orig_rax = -1;
  p->failing = failed = true;
  if (ptrace(PTRACE_SETREGS, p->pid, NULL, regs)) die("PTRACE_SETREGS");
}

static void on_call(struct process *p, const struct trial *trial) {
  struct user_regs_struct regs;
  if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs)) return;             /* killed meanwhile */
  p->in_call = !p->in_call;
  if (p->in_call) {
    p->before = (long) p->entry.orig_rax;
    p->entry = regs;
    p->calls++;
    if (peeper >= 0 && trial->error == 0) peep(p);
    if (trial->error && p - processes == trial->process && p->calls == trial->call) fail_call(p, &regs);
    return;
  }
  if (p->failing) {
    p->failing = false;
    regs.rax = -trial->error;
    if (ptrace(PTRACE_SETREGS, p->pid, NULL, &regs)) die("PTRACE_SETREGS");
  } else if (p->entry.orig_rax == SYS_seccomp && regs.rax == 0) {
    p->filtered = true;
  }
  if (trial->error == 0) {
    printf("call %ld %ld %lld %lld ", (long) (p - processes), p->calls, (long long) p->entry.orig_rax, (long long) regs.rax);
    print_object(p, &p->entry);
  }
}

/* What maps the ids and what connects the network is executed outside the jail. */
static bool is_helper(pid_t pid) {
  char link[32], path[64];
  sprintf(link, "/proc/%d/exe", pid);
  ssize_t length = readlink(link, path, sizeof path);
  return length >= 9 && strncmp(path, "/usr/bin/", 9) == 0;
}

/* The launcher lends its memory to nobody else. */
static void remember_helper(struct process *launcher) {
  unsigned long pid;
  int i = 0;
  while (i < PROCESSES - 1 && helpers[i]) i++;
  if (ptrace(PTRACE_GETEVENTMSG, launcher->pid, NULL, &pid) == 0) helpers[i] = (pid_t) pid;
}

static void tell_new_process(struct process *parent) {
  unsigned long pid, flags = parent->entry.rdi;                        /* clone3 finds them in memory */
  if (parent->entry.orig_rax == SYS_clone3) flags = ptrace(PTRACE_PEEKDATA, parent->pid, parent->entry.rdi, NULL);
  if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid)) return;     /* killed meanwhile */
  struct process *made = find((pid_t) pid);
  if (made)
    printf("made %ld %ld %d\n", (long) (parent - processes), (long) (made - processes), (flags & CLONE_NEWPID) != 0);
}

/* Follows all processes until the first has ended, then until none is left or the grace is over. */
static const char *follow(pid_t first, const struct trial *trial) {
  static char status[16];
  bool ended = false, begun = false;
  strcpy(status, "hung");
  patience(PATIENCE_SECONDS);
  for (;;) {
    int state;
    pid_t pid = waitpid(-1, &state, __WALL);
    if (pid < 0 && errno == EINTR && impatient) break;
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) {                                                     /* nobody is left, whatever was not told of */
      count = 0;
      break;
    }
    if (!WIFSTOPPED(state)) {
      if (pid == first) {
        sprintf(status, "%d", WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state));
        ended = true;
        patience(GRACE_SECONDS);
      }
      for (int i = 0; i < count; i++)
        if (processes[i].pid == pid) processes[i].pid = -1;
      continue;
    }
    int signal = WSTOPSIG(state), event = state >> 16;
    struct process *p = find(pid);
    if (!p) die("too many processes");
    if (event == PTRACE_EVENT_EXEC && (begun || pid != first)) {
      payloads += !is_helper(pid);
      p->pid = -1;
      ptrace(PTRACE_DETACH, pid, NULL, 0);
      continue;
    }
    if (event == PTRACE_EVENT_EXEC) {
      begun = true;                                                    /* the exit of this execve is still to come */
      p->in_call = true;
      p->calls = 0;
      p->entry.orig_rax = SYS_execve;
      ptrace(PTRACE_SYSCALL, pid, NULL, 0);
      continue;
    }
    bool made = event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK;
    if (made && !failed) tell_new_process(p);
    if (event == PTRACE_EVENT_VFORK && p == processes) remember_helper(p);
    if (signal == (SIGTRAP | 0x80)) on_call(p, trial);
    bool deliver = event == 0 && signal != (SIGTRAP | 0x80);
    bool watch = begun && !(failed && !p->failing);
    ptrace(watch ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, deliver ? signal : 0);
  }
  alarm(0);
  if (!ended) kill(first, SIGKILL);
  for (int i = 0; i < count; i++)
    if (processes[i].pid > 0) {
      left += processes[i].pid != first;
      kill(processes[i].pid, SIGKILL);
    }
  while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR) {}
  return status;
}

static unsigned count_mounts(void) {
  static char text[TEXT * 4];
  unsigned count = 0;
  int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;)
    for (ssize_t i = 0; i < n; i++) count += text[i] == '\n';
  close(fd);
  return count;
}

static char group[32];

static int count_group(const char *path, const struct stat *status, int type, struct FTW *where) {
  (void) status;
  const char *name = path + where->base, *rest = name + strlen(group);
  if (type == FTW_D && strncmp(name, group, strlen(group)) == 0 && (*rest == 0 || *rest == '-')) left++;
  return 0;
}

/* Control groups bear the launcher's number. */
static void count_groups(pid_t launcher) {
  sprintf(group, "warder-%d", launcher);
  nftw("/sys/fs/cgroup", count_group, 16, FTW_PHYS);
}

static void print_written(const char *name, int fd) {
  static char text[TEXT];
  ssize_t length = pread(fd, text, sizeof text, 0);
  print_escaped(name, text, length < 0 ? 0 : length);
  close(fd);
}

static void try(const struct trial *trial, char **command, long uid, const char *folder) {
  int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
  if (out < 0 || err < 0) die("memfd_create");
  count = payloads = left = 0;
  memset(helpers, 0, sizeof helpers);
  failed = false;
  pid_t pid = start(command, uid, folder, out, err);
  find(pid);
  const char *status = follow(pid, trial);
  count_groups(pid);
  clear_table(out);
  print_written("out", out);
  print_written("err", err);
  printf("end %s %d %d %u\n", status, payloads, left, count_mounts());
}

int main(int argc, char **argv) {
  long uid = -1;
  const char *folder = ".";
  for (int option; (option = getopt(argc, argv, "+u:d:f:tp:")) != -1;) {
    const char *colon = option == 'f' ? strchr(optarg, ':') : NULL;
    if (option == 'u') uid = atol(optarg);
    else if (option == 'd') folder = optarg;
    else if (colon && open_files < FILES) files[open_files++] = (struct file) {atoi(optarg), colon + 1};
    else if (option == 't') make_terminal();
    else if (option == 'p') make_peeper(atol(optarg));
    else return 2;
  }
  if (optind == argc) return 2;
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  prctl(PR_SET_CHILD_SUBREAPER, 1);                                    /* so that whoever is left becomes our child */
  for (struct trial trial; scanf("%ld %ld %ld", &trial.process, &trial.call, &trial.error) == 3;)
    try(&trial, argv + optind, uid, folder);
  return 0;
}
