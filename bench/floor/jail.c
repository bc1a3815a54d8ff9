/*
 * The yardstick: Warder's default jail, written by hand in C without a libc.
 *
 * It makes the system calls of an image, in the image's order, and nothing else; `compare` proves that. So the time it
 * takes is what the kernel charges for this jail, and an image that takes longer wastes the difference. Change a step
 * of the planner, and this file has to follow.
 *
 *   cc -O2 -static -nostdlib ... -DFILTER='"filter.bpf"' -DCOMMAND='"true"' jail.c          (floor.py knows the rest)
 *
 * FILTER is the policy's filter as raw struct sock_filter; COMMAND the program and its arguments, comma-separated.
 * -DWITHOUT_X leaves step X out, to find its price. -DSTAMPS prints when each step began. -DBINDS=N shows /usr/share N
 * times more, at /mnt/0 and so on, by the fewest calls that do; an image also asks what is there already.
 */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/wait.h>

enum { AF_INET = 2, SOCK_DGRAM = 2, SOCK_CLOEXEC = O_CLOEXEC, SIOCSIFFLAGS = 0x8914, MNT_DETACH = 2 };
enum { SFD_CLOEXEC = O_CLOEXEC, SFD_NONBLOCK = O_NONBLOCK };
enum { NOBODY = 65534, MAX_ENVIRONMENT = 2048, PATH_BYTES = 4096, LINK_BYTES = 128 };

typedef unsigned long word;
struct pollfd_ { int fd; short events, revents; };

static long call6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#define CALL7(n, a, b, c, d, e, f, ...) \
  call6(__NR_##n, (long) (a), (long) (b), (long) (c), (long) (d), (long) (e), (long) (f))
#define attempt(...) CALL7(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

static const char *step = "start";

static word length(const char *text) {
  word n = 0;
  while (text[n]) {
    n++;
  }
  return n;
}

static void say(const char *text) {
  attempt(write, 2, text, length(text));
}

static void decimal(char **at, word number) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = '0' + number % 10;
  } while (number /= 10);
  while (n) {
    *(*at)++ = digits[--n];
  }
}

__attribute__((noreturn)) static void end(long code) {
  for (;;) {
    attempt(exit_group, code);
  }
}

__attribute__((noreturn, cold)) static void fail(long result) {
  char number[24], *at = number;
  decimal(&at, -result);
  *at = 0;
  say("floor: cannot ");
  say(step);
  say(": error ");
  say(number);
  say("\n");
  end(125);
}

static long checked(long result) {
  if (result < 0) {
    fail(result);
  }
  return result;
}
#define must(...) checked(attempt(__VA_ARGS__))

/* Times of the steps: who, what, when; printed by the launcher at the end. */
enum { LAUNCHER, INSIDE, PROGRAM };
#ifdef STAMPS
struct stamp { const char *name; word ticks; };
static struct { word count; struct stamp at[64]; } *stamps;
static word start_time[2], start_ticks;
static void stamp(int who, const char *name) {
  word count = stamps[who].count++;
  stamps[who].at[count] = (struct stamp) {name, __builtin_ia32_rdtsc()};
}
static void stamps_begin(void) {
  int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE;
  stamps = (void *) must(mmap, 0, 3 * sizeof *stamps, PROT_READ | PROT_WRITE, flags, -1, 0);
  attempt(clock_gettime, CLOCK_MONOTONIC, start_time);
  start_ticks = __builtin_ia32_rdtsc();
}
static void print_number(word number, char last) {
  char line[32], *at = line;
  decimal(&at, number);
  *at++ = last;
  *at = 0;
  say(line);
}
static void stamps_end(void) {
  word now[2], ticks = __builtin_ia32_rdtsc() - start_ticks;
  attempt(clock_gettime, CLOCK_MONOTONIC, now);
  word ns = (now[0] - start_time[0]) * 1000000000 + now[1] - start_time[1];
  for (int who = 0; who < 3; who++) {
    for (word i = 0; i < stamps[who].count; i++) {
      print_number(who, ' ');
      print_number((stamps[who].at[i].ticks - start_ticks) * ns / ticks, ' ');
      say(stamps[who].at[i].name);
      say("\n");
    }
  }
}
#else
#define stamp(who, name) ((void) 0)
#define stamps_begin() ((void) 0)
#define stamps_end() ((void) 0)
#endif

static void begin(int who, const char *name) {
  step = name;
  stamp(who, name);
  (void) who;
}

/* Embedded: the policy's filter. */
__asm__(".section .rodata\n.balign 8\nfilter: .incbin " FILTER "\nfilter_end:\n.previous\n");
extern const struct sock_filter filter[], filter_end[];
static const char *const command[] = {COMMAND};
enum { WORDS = sizeof command / sizeof *command };

/* What the caller is and wants. */
static char **argument_vector, **environment, **command_vector;
static char *new_environment[MAX_ENVIRONMENT + 1];
static int environment_count;
static int is_root;
static word uid, gid;
static char folder[PATH_BYTES];
static enum { MOUNTED, VISIBLE, HIDDEN } folder_state;
static word caller_mask;
static int launcher_fd, caller_fd, signal_fd;
static volatile int *report;

/* Does text start with prefix? Gives what follows, or 0. */
static const char *after(const char *text, const char *prefix) {
  while (*prefix) {
    if (*text++ != *prefix++) {
      return 0;
    }
  }
  return text;
}

static void put(char *entry) {
  int i;
  for (i = 0; i < environment_count; i++) {
    const char *a = entry, *b = new_environment[i];
    while (*a == *b && *a && *a != '=') {
      a++, b++;
    }
    if (*a == '=' && *b == '=') {
      new_environment[i] = entry;
      return;
    }
  }
  if (environment_count == MAX_ENVIRONMENT) {
    fail(-E2BIG);
  }
  new_environment[environment_count++] = entry;
}

static void take(const char *prefix) {
  for (char **at = environment; *at; at++) {
    if (after(*at, prefix)) {
      put(*at);
    }
  }
}

static void make_environment(void) {
  put("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  put("HOME=/home/warder");
  put("TMPDIR=/tmp");
  if (is_root) {
    put("USER=nobody");
  } else {
    take("USER=");
  }
  take("TERM=");
  take("LANG=");
  take("LC_");
  take("TZ=");
}

/* Is path the folder, or below it? */
static int covers(const char *outer, const char *path) {
  const char *rest = after(path, outer);
  return rest && (!*rest || *rest == '/');
}

/* Is the current folder the home folder or above it, whatever links lead there? */
static int home_or_above(const char *home) {
  static struct statx here, there;
  char path[PATH_BYTES];
  word length = 0, last = 0;
  while (length < PATH_BYTES - 4 && (path[length] = home[length])) {
    length++;
  }
  if (attempt(statx, AT_FDCWD, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &here) < 0) {
    return 1;
  }
  while (length < PATH_BYTES - 4 && attempt(statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &there) >= 0) {
    if (here.stx_ino == there.stx_ino && here.stx_dev_major == there.stx_dev_major
        && here.stx_dev_minor == there.stx_dev_minor) {
      return 1;
    }
    if (there.stx_ino == last) {
      return 0;
    }
    last = there.stx_ino;
    path[length++] = '/';
    path[length++] = '.';
    path[length++] = '.';
    path[length] = 0;
  }
  return 0;
}

static const char *const system_folders[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix/store"};
enum { FOLDERS = sizeof system_folders / sizeof *system_folders };
static const char *const hidden_trees[] = {"/proc", "/sys", "/dev", "/run"};

static void judge_folder(void) {
  folder_state = HIDDEN;
  if (attempt(getcwd, folder, sizeof folder) < 2 || folder[0] != '/' || !folder[1]) {
    return;
  }
  for (int i = 0; i < FOLDERS; i++) {
    if (covers(system_folders[i], folder)) {
      folder_state = VISIBLE;
      return;
    }
  }
  for (int i = 0; i < 4; i++) {
    if (covers(hidden_trees[i], folder)) {
      return;
    }
  }
  if (covers(folder, "/tmp") || covers(folder, "/root")) {
    return;
  }
  for (char **at = environment; *at; at++) {
    const char *home = after(*at, "HOME=");
    if (home) {
      if (covers(folder, home) || home_or_above(home)) {
        return;
      }
      break;
    }
  }
  folder_state = MOUNTED;
}

/* Sources: mounts attached nowhere yet, or links. */
enum { MISSING = -1, LINK = -2 };
static int trees[FOLDERS], folder_tree;
static char links[FOLDERS][LINK_BYTES];
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
enum { DEVICES = sizeof devices / sizeof *devices };
static int device_trees[DEVICES];

static void protect(int tree) {
  static const struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE};
  must(mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
}

#ifdef BINDS
static int more_trees[BINDS];
static void take_more(void) {
  for (int i = 0; i < BINDS; i++) {
    more_trees[i] = must(open_tree, AT_FDCWD, "/usr/share", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    protect(more_trees[i]);
  }
}
#else
#define take_more() ((void) 0)
#endif

static void take_sources(int who) {
  (void) who;
  enum { CLONE = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC };
#ifdef WITHOUT_MOUNTS
  return;                       /* closing a mount that was never attached costs more than attaching it */
#endif
  begin(who, "take the system folders");
  for (int i = 0; i < FOLDERS; i++) {
    long n = attempt(readlinkat, AT_FDCWD, system_folders[i], links[i], LINK_BYTES - 1);
    if (n == -ENOENT) {
      trees[i] = MISSING;
    } else if (n == -EINVAL) {
      trees[i] = must(open_tree, AT_FDCWD, system_folders[i], CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
      protect(trees[i]);
    } else {
      links[i][checked(n)] = 0;
      trees[i] = LINK;
    }
  }
  begin(who, "take the current folder");
  if (folder_state == MOUNTED) {
    folder_tree = must(open_tree, AT_FDCWD, "", CLONE | AT_RECURSIVE | AT_EMPTY_PATH);
    protect(folder_tree);
  }
  begin(who, "take the devices");
#ifndef WITHOUT_DEVICES
  for (int i = 0; i < DEVICES; i++) {
    long tree = attempt(open_tree, AT_FDCWD, devices[i], CLONE | AT_SYMLINK_NOFOLLOW);
    device_trees[i] = tree == -ENOENT ? MISSING : checked(tree);
  }
#endif
  take_more();
}

/* Inside. */
static int root;

static void write_file(const char *path, const char *bytes, word count) {
  int fd = must(openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
  must(write, fd, bytes, count);
  must(close, fd);
}

static void map_id(const char *path, word id) {
  char line[48], *at = line;
  decimal(&at, id);
  *at++ = ' ';
  decimal(&at, id);
  *at++ = ' ';
  *at++ = '1';
  write_file(path, line, at - line);
}

static void make_folder(const char *path, int mode) {
  long result = attempt(mkdirat, root, path, mode);
  if (result != -EEXIST) {
    checked(result);
  }
}

static int finish_mount(int context, int attributes) {
  must(fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
  return must(fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

static void attach(int tree, int at, const char *path) {
  must(move_mount, tree, "", at, path, MOVE_MOUNT_F_EMPTY_PATH);
}

static int take_private(int at, const char *path) {
  return must(open_tree, at, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

static void make_parents(const char *path) {
  char part[PATH_BYTES];
  for (word i = 0; path[i]; i++) {
    if (path[i] == '/') {
      part[i] = 0;
      make_folder(part, 0755);
    }
    part[i] = path[i];
  }
}

static void forget_root(void) {
  if (is_root) {
    must(setresuid, uid, uid, uid);
  }
}

static void map_ids(void) {
  begin(INSIDE, "map the ids");
  write_file("/proc/self/setgroups", "deny", 4);
  map_id("/proc/self/uid_map", uid);
  map_id("/proc/self/gid_map", gid);
  forget_root();
  must(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!is_root) {
    take_sources(INSIDE);
  }
}

static void raise_loopback(void) {
  struct { char name[16]; short flags; char rest[22]; } request = {"lo", 0x41, ""};
  begin(INSIDE, "raise the loopback interface");
  int fd = must(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  must(ioctl, fd, SIOCSIFFLAGS, &request);
  must(close, fd);
}

/* Landlock's rights, of the first version that the image uses rules of, of the third and of the fifth. */
enum { FS_EXECUTE = 1, FS_WRITE_FILE = 2, FS_READ_FILE = 4, FS_READ_DIR = 8, FS_MAKE_CHAR = 0x40, FS_MAKE_BLOCK = 0x800,
  FS_ABI_2 = 0x3fff, FS_TRUNCATE = 0x4000, FS_ABI_3 = 0x7fff, FS_IOCTL_DEV = 0x8000, FS_ABI_5 = 0xffff,
  MAY_READ = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR, MAY_WRITE_FILES = FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
  MAY_WRITE = FS_ABI_5 & ~(MAY_READ | FS_MAKE_CHAR | FS_MAKE_BLOCK) };

static int ruleset;
static word handled;

static void make_ruleset(void) {
  begin(INSIDE, "begin the rules");
#ifndef WITHOUT_RULES
  struct { word fs, net, scoped; } attr = {0, 0, 0};
  long abi = attempt(landlock_create_ruleset, 0, 0, 1);
  if (abi >= 2) {
    attr.fs = handled = abi >= 5 ? FS_ABI_5 : abi >= 3 ? FS_ABI_3 : FS_ABI_2;
    ruleset = must(landlock_create_ruleset, &attr, sizeof attr, 0);
  } else if (abi < 0 && abi != -ENOSYS && abi != -EOPNOTSUPP) {
    fail(abi);
  }
#endif
}

static void allow(int file, word rights) {
  struct { word rights; int file; } __attribute__((packed)) rule = {rights & handled, file};
  if (ruleset) {
    long result = attempt(landlock_add_rule, ruleset, 1, &rule, 0);
    if (result != -EBADFD) {
      checked(result);
    }
  }
}

static void allow_open_file(int fd) {
  static const word rights[] = {FS_EXECUTE | FS_READ_FILE | FS_IOCTL_DEV, MAY_WRITE_FILES,
      FS_EXECUTE | FS_READ_FILE | MAY_WRITE_FILES};
  word how = must(fcntl, fd, F_GETFL) & (O_ACCMODE | O_PATH);
  if (how <= 2) {
    allow(fd, rights[how]);
  }
}

static void enforce_rules(void) {
  begin(INSIDE, "enforce the rules");
  if (ruleset) {
    for (int fd = 0; fd <= 2; fd++) {
      allow_open_file(fd);
    }
    must(landlock_restrict_self, ruleset, 0);
  }
}

static void make_root(void) {
  begin(INSIDE, "make the root");
  root = must(fsopen, "tmpfs", FSOPEN_CLOEXEC);
  must(fsconfig, root, FSCONFIG_SET_STRING, "mode", "0755", 0);
  root = finish_mount(root, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  attach(root, AT_FDCWD, "/");
  allow(root, MAY_READ);
}

static void show_system_folders(void) {
  begin(INSIDE, "show the system folders");
  for (int i = 0; i < FOLDERS; i++) {
    const char *path = system_folders[i] + 1;
    if (trees[i] == MISSING) {
      continue;
    }
    make_parents(path);
    if (trees[i] == LINK) {
      must(symlinkat, links[i], root, path);
    } else {
      make_folder(path, 0755);
      attach(trees[i], root, path);
    }
  }
}

/* The first of a row is shown in the place of the others: of what is root's alone, or read-only. */
static const char *const proc_covers[][4] = {
    {"tty/driver", "acpi", "asound", "scsi"}, {"vmallocinfo", "interrupts", "keys", "latency_stats"}, {"sys", "sys"}};

static void guard_proc(int proc) {
  static const struct mount_attr writable = {.attr_clr = MOUNT_ATTR_RDONLY};
  begin(INSIDE, "guard /proc");
#ifndef WITHOUT_COVERS
  for (word i = 0; i < sizeof proc_covers / sizeof *proc_covers; i++) {
    for (int j = 1; j < 4 && proc_covers[i][j]; j++) {
      if (attempt(faccessat, proc, proc_covers[i][j], 0) != -ENOENT) {
        attach(must(open_tree, proc, proc_covers[i][0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), proc, proc_covers[i][j]);
      }
    }
  }
#endif
  must(mount_setattr, proc, "", AT_EMPTY_PATH, &writable, sizeof writable);
}

static void mount_proc(void) {
  begin(INSIDE, "mount /proc");
  make_folder("proc", 0555);
#ifndef WITHOUT_PROC
  int proc = must(fsopen, "proc", FSOPEN_CLOEXEC);
  proc = finish_mount(proc, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  allow(proc, MAY_WRITE_FILES);
  attach(proc, root, "proc");
  guard_proc(proc);
#endif
}

static void make_devices(void) {
  begin(INSIDE, "make the devices");
  make_folder("dev", 0755);
  int dev = must(openat, root, "dev", O_PATH | O_CLOEXEC, 0);
  allow(dev, MAY_WRITE_FILES);
#ifndef WITHOUT_DEVICES
  for (int i = 0; i < DEVICES; i++) {
    const char *name = devices[i] + 5;
    if (device_trees[i] != MISSING) {
      must(mknodat, dev, name, S_IFREG, 0);
      attach(device_trees[i], dev, name);
    }
  }
  static const struct mount_attr not_the_hosts = {.propagation = MS_PRIVATE};
  must(mount_setattr, root, "", AT_EMPTY_PATH | AT_RECURSIVE, &not_the_hosts, sizeof not_the_hosts);
#endif
  must(symlinkat, "/proc/self/fd", dev, "fd");
  must(symlinkat, "/proc/self/fd/0", dev, "stdin");
  must(symlinkat, "/proc/self/fd/1", dev, "stdout");
  must(symlinkat, "/proc/self/fd/2", dev, "stderr");
  must(symlinkat, "pts/ptmx", dev, "ptmx");
  begin(INSIDE, "mount /dev/pts");
  must(mkdirat, dev, "pts", 0755);
#ifndef WITHOUT_PTS
  int fd = must(fsopen, "devpts", FSOPEN_CLOEXEC);
  must(fsconfig, fd, FSCONFIG_SET_STRING, "ptmxmode", "0666", 0);
  must(fsconfig, fd, FSCONFIG_SET_STRING, "mode", "0620", 0);
  attach(finish_mount(fd, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), dev, "pts");
#endif
  begin(INSIDE, "make the private folders");
  must(mkdirat, dev, "shm", 01777);
#ifndef WITHOUT_PRIVATE
  int shm = take_private(dev, "shm");
  attach(shm, dev, "shm");
  allow(shm, MAY_WRITE);
#endif
}

static void make_private_folder(const char *path, int mode) {
  make_parents(path);
  make_folder(path, mode);
#ifndef WITHOUT_PRIVATE
  int tree = take_private(root, path);
  allow(tree, MAY_WRITE);
  attach(tree, root, path);
#endif
}

static void show_current_folder(void) {
  begin(INSIDE, "show the current folder");
  if (folder_state != MOUNTED) {
    return;
  }
  make_parents(folder + 1);
  make_folder(folder + 1, 0755);
  attach(folder_tree, root, folder + 1);
}

static void show_more(void) {
#ifdef BINDS
  make_folder("mnt", 0755);
  for (int i = 0; i < BINDS; i++) {
    char path[24] = "mnt/", *at = path + 4;
    decimal(&at, i);
    *at = 0;
    make_folder(path, 0755);
    attach(more_trees[i], root, path);
  }
#endif
}

static void seal_root(void) {
  static const struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  begin(INSIDE, "seal the root");
  must(mount_setattr, root, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

static void pivot(void) {
  begin(INSIDE, "pivot");
  must(fchdir, root);
  must(pivot_root, ".", ".");
  begin(INSIDE, "let the old root go");
#ifndef WITHOUT_UMOUNT
  must(umount2, ".", MNT_DETACH);
#endif
  must(chdir, "/");
  begin(INSIDE, "enter the folder");
  if (folder_state == HIDDEN || attempt(chdir, folder) < 0) {
    say("floor: the current folder is not shown\n");
    must(chdir, "/home/warder");
  }
}

static void limit_capabilities(void) {
  begin(INSIDE, "empty the bounding set");
#ifndef WITHOUT_BOUNDING
  for (int number = 0;; number++) {
    long result = attempt(prctl, PR_CAPBSET_DROP, number, 0, 0, 0);
    if (result == -EINVAL) {
      break;
    }
    checked(result);
  }
#endif
  begin(INSIDE, "drop the capabilities");
  static const struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  static const struct __user_cap_data_struct none[2];
  must(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  enum { ON = SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_CAP_AMBIENT_RAISE };
  enum { LOCKED = issecure_mask(SECURE_NOROOT_LOCKED) | issecure_mask(SECURE_NO_SETUID_FIXUP_LOCKED)
      | issecure_mask(SECURE_KEEP_CAPS_LOCKED) | issecure_mask(SECURE_NO_CAP_AMBIENT_RAISE_LOCKED) };
  must(prctl, PR_SET_SECUREBITS, ON | LOCKED, 0, 0, 0);
  must(capset, &header, none);
}

static void die_with_launcher(void) {
  struct pollfd_ launcher = {launcher_fd, POLLIN, 0};
  static const word now[2];
  begin(INSIDE, "die with the launcher");
  must(setsid);
  must(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (must(ppoll, &launcher, 1, now, 0, 8)) {
    fail(-ESRCH);
  }
}

/* As the program, in memory shared with process 1 until it executes. */
struct action { word handler, flags, restorer, mask; };
static struct action child_action;
static word mask_of_umask;

static void install(const struct sock_filter *insns, word count) {
  struct sock_fprog program = {count, (struct sock_filter *) insns};
  must(seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static long search_path(const char *name) {
  static char candidate[PATH_BYTES];
  const char *from = 0;
  long error = -ENOENT;
  for (char **at = new_environment; *at && !(from = after(*at, "PATH=")); at++) {
  }
  while (from && *name) {
    word to = 0;
    for (; *from && *from != ':'; from++) {
      if (to < PATH_BYTES - 2) {
        candidate[to++] = *from;
      }
    }
    if (to) {
      candidate[to++] = '/';
      const char *at = name;
      while (to < PATH_BYTES && (candidate[to++] = *at++)) {
      }
      if (!candidate[to - 1]) {
        long result = attempt(execve, candidate, command_vector, new_environment);
        if (result != -ENOENT && result != -ENOTDIR) {
          error = result;
          if (result != -EACCES) {
            break;
          }
        }
      }
    }
    if (!*from++) {
      break;
    }
  }
  return error;
}

__attribute__((noreturn, noinline)) static void become_program(void) {
  begin(PROGRAM, "leave the session");
  must(setsid);
  must(rt_sigaction, SIGCHLD, &child_action, 0, 8);
  must(umask, mask_of_umask);
  must(rt_sigprocmask, SIG_SETMASK, &caller_mask, 0, 8);
  begin(PROGRAM, "install the filter");
#ifndef WITHOUT_FILTER
  install(filter, filter_end - filter);
#endif
  begin(PROGRAM, "execute");
  const char *name = command_vector[0];
  long error;
  for (const char *at = name;; at++) {
    if (*at == '/') {
      error = attempt(execve, name, command_vector, new_environment);
      break;
    }
    if (!*at) {
      error = search_path(name);
      break;
    }
  }
  *report = -error;
  end(127);
}

static void confine_reaper(void) {
  static const struct sock_filter insns[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_rt_sigtimedwait, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_wait4, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_kill, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_write, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_exit_group, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  begin(INSIDE, "confine the reaper");
#ifndef WITHOUT_REAPER_FILTER
  install(insns, sizeof insns / sizeof *insns);
#endif
}

__attribute__((noreturn)) static void reap(long program) {
  static const word all = -1;
  static char info[128];
  int status = 0;
  confine_reaper();
  stamp(INSIDE, "reap");
  for (;;) {
    long child;
    while ((child = attempt(wait4, -1, &status, WNOHANG | WUNTRACED | __WALL, 0)) > 0) {
      if (child == program && (status & 0xff) != 0x7f) {
        stamp(INSIDE, "end");
        end(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
      }
    }
    long signal;
    while ((signal = attempt(rt_sigtimedwait, &all, info, 0, 8)) != SIGCHLD) {
      if (signal > 0) {
        attempt(kill, program, signal);
      }
    }
  }
}

__attribute__((noreturn)) static void inside(void) {
  begin(INSIDE, "set the umask");
  mask_of_umask = must(umask, 0);
  map_ids();
#ifndef WITHOUT_NET
  raise_loopback();
#endif
  begin(INSIDE, "set the host name");
  must(sethostname, "warder", 6);
#ifndef WITHOUT_MOUNTS
  make_ruleset();
  make_root();
  show_system_folders();
  mount_proc();
  make_devices();
  make_private_folder("tmp", 01777);
  make_private_folder("run", 0755);
  make_private_folder("home/warder", 0755);
  show_current_folder();
  show_more();
  seal_root();
  pivot();
#endif
  limit_capabilities();
  die_with_launcher();
  begin(INSIDE, "forbid new privileges");
  must(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  enforce_rules();
  begin(INSIDE, "close the files");
  must(close_range, 3, ~0U, 0);
  begin(INSIDE, "start the program");
  static const word all = -1;
  static const struct action standard;
  must(rt_sigprocmask, SIG_SETMASK, &all, 0, 8);
  must(rt_sigaction, SIGCHLD, &standard, &child_action, 8);
  long program = must(clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
  if (program == 0) {
    become_program();
  }
  reap(program);
}

/* Outside. */
static void check_standard_files(void) {
  static struct statx file;
  begin(LAUNCHER, "check the standard files");
  for (int fd = 0; fd <= 2; fd++) {
    long result = attempt(statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &file);
    if (result == -EBADF) {
      must(openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
    } else if (checked(result) == 0 && S_ISDIR(file.stx_mode)) {
      fail(-EISDIR);
    }
  }
  begin(LAUNCHER, "close the caller's files");
  must(close_range, 3, ~0U, 0);
}

static void watch_caller(void) {
  begin(LAUNCHER, "watch the caller");
  long caller = must(getppid);
  caller_fd = -1;
  if (caller > 1) {
    caller_fd = must(pidfd_open, caller, 0);
    if (must(getppid) != caller) {
      fail(-ESRCH);
    }
  }
  launcher_fd = must(pidfd_open, must(getpid), 0);
}

/* The image gives the jail a terminal of its own where there is one; whoever measures starts it without. */
static void find_terminal(void) {
  unsigned device;
  begin(LAUNCHER, "look for a terminal");
  if (attempt(ioctl, 0, TIOCGDEV, &device) >= 0) {
    fail(-EINVAL);
  }
}

static void take_signals(void) {
#define S(n) (1UL << ((n) - 1))
  static const word forwarded = S(1) | S(2) | S(3) | S(10) | S(12) | S(14) | S(15) | S(16) | S(18) | S(20) | S(23)
      | S(24) | S(25) | S(26) | S(27) | S(28) | S(29) | S(30) | -1UL << 33;
  begin(LAUNCHER, "take signals");
  must(rt_sigprocmask, SIG_BLOCK, &forwarded, &caller_mask, 8);
  signal_fd = must(signalfd4, -1, &forwarded, 8, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void become_user(void) {
  begin(LAUNCHER, "become the user");
  if (is_root) {
    uid = gid = NOBODY;
    must(setgroups, 0, 0);
    must(setresgid, gid, gid, gid);
    must(setresuid, uid, uid, 0);
    must(setfsuid, 0);
  }
}

__attribute__((noreturn)) static void supervise(long child, int child_fd) {
  struct pollfd_ poll[7] = {{child_fd, POLLIN, 0}, {signal_fd, POLLIN, 0}, {caller_fd, POLLIN, 0}, {-1, POLLIN, 0},
      {-1, POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};
  static int info[32];
  int status = 0;
  stamp(LAUNCHER, "supervise");
  for (;;) {
    long result = attempt(ppoll, poll, 7, 0, 0, 8);
    if (result == -EINTR) {
      continue;
    }
    if (result >= 0) {
      if (poll[0].revents) {
        break;
      }
      if (poll[1].revents && attempt(read, signal_fd, info, 128) == 128) {
        attempt(pidfd_send_signal, child_fd, info[0], 0, 0);
      }
      if (!poll[2].revents) {
        continue;
      }
    }
    attempt(pidfd_send_signal, child_fd, SIGKILL, 0, 0);
    break;
  }
  while (attempt(wait4, child, &status, __WALL, 0) == -EINTR) {
  }
  stamp(LAUNCHER, "end");
  stamps_end();
  if (*report) {
    say("floor: cannot run the program\n");
    end(*report == ENOENT || *report == ENOTDIR ? 127 : 126);
  }
  end(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
}

__attribute__((noreturn, used)) static void run(long *stack) {
  argument_vector = (char **) stack + 1;
  environment = argument_vector + stack[0] + 1;
  stamps_begin();
  begin(LAUNCHER, "read the arguments");
  uid = must(geteuid);
  gid = must(getegid);
  is_root = uid == 0;
  make_environment();
  /* The command goes before the arguments: below argv on the stack, where `_start` left room. */
  command_vector = argument_vector - (WORDS - 1);
  for (int i = 0; i < WORDS; i++) {
    command_vector[i] = (char *) command[i];
  }
  judge_folder();
  check_standard_files();
  watch_caller();
  find_terminal();
  take_signals();
  begin(LAUNCHER, "share memory with the jail");
  report = (int *) must(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (is_root) {
    take_sources(LAUNCHER);
  }
  become_user();
  begin(LAUNCHER, "enter the namespaces");
  word namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
#ifndef WITHOUT_NET
  namespaces |= CLONE_NEWNET;
#endif
  static int child_fd;
  long child = must(clone, namespaces | CLONE_PIDFD, 0, &child_fd, 0, 0);
  if (child == 0) {
    inside();
  }
  forget_root();
  must(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
  supervise(child, child_fd);
}

__asm__(".globl _start\n_start: mov %rsp, %rdi\nsub $4096, %rsp\nand $-16, %rsp\ncall run\n");
