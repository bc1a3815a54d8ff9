/* Starts a program in circumstances that a careless or hostile caller can bring about.
 *
 *   hostile [-u UID] CIRCUMSTANCE [NUMBER] PROGRAM [ARG...]
 *
 * Exits as the program does; 99 if the circumstance cannot be had.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char **command;
static char **environment;
static long number, uid = -1;

static void need(int failed) {
  if (failed) _exit(99);
}

static void limit(int resource) {
  struct rlimit both = {(rlim_t) number, (rlim_t) number};
  need(setrlimit(resource, &both));
}

static void closed(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (number >> fd & 1) close(fd);
}

static void files(void) { limit(RLIMIT_NOFILE); }
static void processes(void) { limit(RLIMIT_NPROC); }
static void file_size(void) { limit(RLIMIT_FSIZE); }
static void memory(void) { limit(RLIMIT_AS); }
static void stack(void) { limit(RLIMIT_STACK); }
static void data(void) { limit(RLIMIT_DATA); }
static void locked(void) { limit(RLIMIT_MEMLOCK); }
static void core(void) { limit(RLIMIT_CORE); }

static void open_files(void) {
  struct rlimit both = {8192, 8192};
  int root = open("/", O_RDONLY | O_DIRECTORY);
  need(root < 0 || setrlimit(RLIMIT_NOFILE, &both));
  for (long i = 0; i < number; i++) need(dup(root) < 0);
}

/* So many arguments and variables of 100 bytes. */
static void words(void) {
  char **more = calloc((size_t) number + 1024, sizeof *more), *word = malloc(101);
  size_t at = 0;
  need(!more || !word);
  memset(word, 'x', 100);
  word[100] = 0;
  for (char **old = command; *old; old++) more[at++] = *old;
  for (long i = 0; i < number; i++) more[at++] = word;
  command = more;
  environment = calloc((size_t) number + 1, sizeof *environment);
  need(!environment);
  for (long i = 0; i < number; i++) environment[i] = word;
}

static void one_word(void) {
  char *word = malloc((size_t) number);
  need(!word);
  memset(word, 'x', (size_t) number);
  memcpy(word, "LANG=", 5);
  word[number - 1] = 0;
  environment = calloc(2, sizeof *environment);
  environment[0] = word;
}

static void strange_variables(void) {
  static char *strange[] = {"", "=", "==", "HOME", "PATH=/nosuch", "USER", "USER=root", "LANG", "TERM=\033]0;x\a",
      "LD_PRELOAD=/x", "TMPDIR=/nosuch", "LC_\377=\377", NULL};
  environment = strange;
}

static void no_arguments(void) {
  static char *none[] = {NULL};
  char *program = command[0];
  execve(program, none, none);
  _exit(99);
}

static void ignored(void) { signal((int) number, SIG_IGN); }

static void all_ignored(void) {
  for (int i = 1; i < 65; i++) signal(i, SIG_IGN);
}

static void blocked(void) {
  sigset_t all;
  sigfillset(&all);
  need(sigprocmask(SIG_SETMASK, &all, NULL));
}

static void mask(void) { umask((mode_t) number); }

static void deleted_folder(void) { need(mkdir("deleted", 0755) || chdir("deleted") || rmdir("../deleted")); }

static int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/* So many folders with names of 200 bytes. */
static void deep_folder(void) {
  char part[201];
  int status;
  memset(part, 'd', 200);
  part[200] = 0;
  for (long i = 0; i < number; i++) need(mkdir(part, 0755) || chdir(part));
  pid_t pid = fork();
  if (pid == 0) return;
  need(waitpid(pid, &status, 0) != pid);
  for (long i = 0; i < number; i++) need(chdir("..") || rmdir(part));
  _exit(code_of(status));
}

static void privileges_forbidden(void) { need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

/* A filter that answers one call with an error; -1 allows all. */
static void filter(void) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog whole = {4, program};
  privileges_forbidden();
  need((int) syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &whole));
}

/* The program's folder. */
static void root_folder(void) {
  char *name = strrchr(command[0], '/');
  need(chroot(".") || chdir("/"));
  command[0] = name;
}

static void session(void) { need(setsid() < 0); }

/* The caller is stopped before the program begins, and goes on when the program has ended. */
static void stopped_caller(void) {
  int begin[2], tell[2], status;
  pid_t program, caller;
  need(pipe2(begin, O_CLOEXEC) || pipe2(tell, O_CLOEXEC));
  need((caller = fork()) < 0);
  if (caller == 0) {
    char byte;
    need((program = fork()) < 0);
    if (program == 0) {
      need(read(begin[0], &byte, 1) != 1);
      return;
    }
    need(write(tell[1], &program, sizeof program) != sizeof program || raise(SIGSTOP));
    need(waitpid(program, &status, 0) != program);
    _exit(code_of(status));
  }
  need(waitpid(caller, &status, WUNTRACED) != caller || read(tell[0], &program, sizeof program) != sizeof program);
  struct pollfd end = {.fd = (int) syscall(SYS_pidfd_open, program, 0), .events = POLLIN};
  need(end.fd < 0 || write(begin[1], "", 1) != 1 || poll(&end, 1, 60000) != 1 || kill(caller, SIGCONT));
  need(waitpid(caller, &status, 0) != caller);
  _exit(code_of(status));
}

/* The real user stays the present one. */
static void effective_user(void) {
  need(setgroups(0, NULL) || setresgid(0, (gid_t) number, 0) || setresuid(0, (uid_t) number, 0));
}

static void no_capabilities(void) {
  for (int i = 0; i < 64; i++) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

static void traced(void) {
  pid_t pid = fork();
  need(pid < 0);
  if (pid == 0) {
    need(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
    raise(SIGSTOP);
    return;
  }
  int status, result = 99;
  waitpid(pid, &status, 0);
  ptrace(PTRACE_SETOPTIONS, pid, NULL,
      PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, pid, NULL, 0);
  for (pid_t who; (who = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (who == pid) result = code_of(status);
      continue;
    }
    int signal = WSTOPSIG(status);
    ptrace(PTRACE_CONT, who, NULL, signal == SIGTRAP || signal == SIGSTOP ? 0 : signal);
  }
  _exit(result);
}

static void nothing(void) {}

static const struct {
  const char *name;
  void (*bring_about)(void);
  int takes_number, as_root;
} circumstances[] = {
    {"none", nothing, 0, 0}, {"closed", closed, 1, 0}, {"files", files, 1, 0}, {"processes", processes, 1, 0},
    {"file-size", file_size, 1, 0}, {"memory", memory, 1, 0}, {"stack", stack, 1, 0}, {"data", data, 1, 0},
    {"locked", locked, 1, 0}, {"core", core, 1, 0}, {"open-files", open_files, 1, 0}, {"words", words, 1, 0},
    {"one-word", one_word, 1, 0}, {"strange-variables", strange_variables, 0, 0}, {"no-arguments", no_arguments, 0, 0},
    {"ignored", ignored, 1, 0}, {"all-ignored", all_ignored, 0, 0}, {"blocked", blocked, 0, 0}, {"mask", mask, 1, 0},
    {"deleted-folder", deleted_folder, 0, 0}, {"deep-folder", deep_folder, 1, 0},
    {"privileges-forbidden", privileges_forbidden, 0, 0}, {"filter", filter, 1, 0}, {"root-folder", root_folder, 0, 1},
    {"session", session, 0, 0}, {"stopped-caller", stopped_caller, 0, 0}, {"effective-user", effective_user, 1, 1},
    {"no-capabilities", no_capabilities, 0, 1}, {"traced", traced, 0, 0}};

static void become_user(void) {
  need(uid >= 0 && (setgroups(0, NULL) || setresgid((gid_t) uid, (gid_t) uid, (gid_t) uid)
      || setresuid((uid_t) uid, (uid_t) uid, (uid_t) uid)));
}

int main(int argc, char **argv) {
  for (int option; (option = getopt(argc, argv, "+u:")) != -1;) {
    if (option != 'u') return 2;
    uid = atol(optarg);
  }
  if (argc < optind + 2) return 2;
  environment = environ;
  for (size_t i = 0; i < sizeof circumstances / sizeof *circumstances; i++) {
    if (strcmp(argv[optind], circumstances[i].name) != 0) continue;
    command = argv + optind + 1 + circumstances[i].takes_number;
    number = circumstances[i].takes_number ? atol(argv[optind + 1]) : 0;
    if (!circumstances[i].as_root) become_user();
    circumstances[i].bring_about();
    if (circumstances[i].as_root) become_user();
    execve(command[0], command, environment);
    return 99;
  }
  return 2;
}
