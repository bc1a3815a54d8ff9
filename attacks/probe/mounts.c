/* Mounting, by the old calls and the new: to reveal what is covered, to write what is read-only, to reach drivers. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OLD_REMOUNT = 32, OLD_BIND = 4096, OLD_RECURSIVE = 16384, OLD_SHARED = 1 << 20, DETACH = 2, OPEN_TREE_ATTR = 467 };

static long old_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data) {
  return outcome(syscall(SYS_mount, source, target, type, flags, data));
}

static long unmount(const char *target) { return outcome(syscall(SYS_umount2, target, DETACH)); }

static long open_context(void) { return outcome(syscall(SYS_fsopen, "tmpfs", 0)); }
static long new_mount(void) {
  int context = syscall(SYS_fsopen, "tmpfs", 0);
  if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) return -errno;
  int mount = syscall(SYS_fsmount, context, 0, 0);
  return mount < 0 ? -errno : outcome(syscall(SYS_move_mount, mount, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH));
}
static long reconfigure(void) {
  int context = syscall(SYS_fspick, AT_FDCWD, "/tmp", 0);
  return context < 0 ? -errno : outcome(syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}
static long take_tree(void) { return outcome(syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE)); }
static long take_tree_with(void) {
  struct mount_attr attributes = {0};
  return outcome(syscall(OPEN_TREE_ATTR, AT_FDCWD, "/", OPEN_TREE_CLONE, &attributes, sizeof attributes));
}
static long show_again(void) {
  int tree = syscall(SYS_open_tree, AT_FDCWD, "/usr", OPEN_TREE_CLONE);
  return tree < 0 ? -errno : outcome(syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH));
}
static long set_attributes(void) {
  struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};
  return outcome(syscall(SYS_mount_setattr, AT_FDCWD, "/usr", 0, &attributes, sizeof attributes));
}
static long pivot(void) { return outcome(syscall(SYS_pivot_root, "/tmp", "/tmp")); }

static long release_agent(void) {
  mkdir("/tmp/cgroup", 0755);
  long refused = old_mount("cgroup", "/tmp/cgroup", "cgroup", 0, "memory");
  return refused ? refused : outcome(open("/tmp/cgroup/release_agent", O_WRONLY));
}

static long cgroup2(void) {
  mkdir("/tmp/cgroup2", 0755);
  return old_mount("cgroup2", "/tmp/cgroup2", "cgroup2", 0, NULL);
}

static long mount_tmpfs(void) { return old_mount("tmpfs", "/tmp", "tmpfs", 0, NULL); }
static long share(void) { return old_mount(NULL, "/", NULL, OLD_SHARED | OLD_RECURSIVE, NULL); }
static long remount_usr(void) { return old_mount(NULL, "/usr", NULL, OLD_REMOUNT | OLD_BIND, NULL); }
static long remount_root(void) { return old_mount(NULL, "/", NULL, OLD_REMOUNT | OLD_BIND, NULL); }
static long remount_shown(void) {
  return told("shown") ? old_mount(NULL, told("shown"), NULL, OLD_REMOUNT | OLD_BIND, NULL) : NOT_HERE;
}
static long unmount_proc(void) { return unmount("/proc"); }
static long unmount_null(void) { return unmount("/dev/null"); }
static long unmount_tmp(void) { return unmount("/tmp"); }
static long in_user(long (*attack)(void)) {
  long refused = outcome(unshare(CLONE_NEWUSER | CLONE_NEWNS));
  return refused ? refused : attack();
}
static long remount_in_user(void) { return in_user(remount_usr); }
static long unmount_in_user(void) { return in_user(unmount_proc); }
static long release_agent_in_user(void) { return in_user(release_agent); }

static long overlay(void) {
  mkdir("/tmp/upper", 0755);
  mkdir("/tmp/work", 0755);
  return old_mount("overlay", "/tmp", "overlay", 0, "lowerdir=/usr/bin,upperdir=/tmp/upper,workdir=/tmp/work");
}
static long overlay_in_user(void) { return in_user(overlay); }

const struct probe mount_probes[] = {
    {"8", "fsopen", REFUSED, open_context},
    {"8", "mount-by-new-calls", REFUSED, new_mount},
    {"8", "reconfigure", REFUSED, reconfigure},
    {"8", "open-tree", REFUSED, take_tree},
    {"8", "open-tree-attr", REFUSED, take_tree_with},
    {"8", "show-usr-again", REFUSED, show_again},
    {"8", "mount-setattr", REFUSED, set_attributes},
    {"8", "pivot-root", REFUSED, pivot},
    {"33", "release-agent", REFUSED, release_agent},
    {"33", "release-agent-in-user-namespace", REFUSED, release_agent_in_user},
    {"33", "mount-cgroup2", REFUSED, cgroup2},
    {"39", "mount-tmpfs", REFUSED, mount_tmpfs},
    {"39", "share-mounts", REFUSED, share},
    {"40", "remount-usr-writable", REFUSED, remount_usr},
    {"40", "remount-root-writable", REFUSED, remount_root},
    {"40", "remount-shown-writable", REFUSED, remount_shown},
    {"40", "remount-in-user-namespace", REFUSED, remount_in_user},
    {"40", "unmount-proc", REFUSED, unmount_proc},
    {"40", "unmount-device", REFUSED, unmount_null},
    {"40", "unmount-tmp", REFUSED, unmount_tmp},
    {"40", "unmount-in-user-namespace", REFUSED, unmount_in_user},
    {"44", "overlay", REFUSED, overlay},
    {"44", "overlay-in-user-namespace", REFUSED, overlay_in_user},
    {NULL, NULL, REFUSED, NULL}};
