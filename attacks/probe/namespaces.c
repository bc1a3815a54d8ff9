/* New namespaces: the door to capabilities, and by them to kernel code kept for root. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long clone_with(unsigned long flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return outcome(pid);
}

static long clone3_with(unsigned long flags) {
  struct clone_args arguments = {.flags = flags, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) _exit(0);
  return outcome(pid);
}

static long setns_to(const char *name, int type) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  int fd = open(path, O_RDONLY);
  return fd < 0 ? -errno : outcome(setns(fd, type));
}

#define NAMESPACE(name, flag) \
  static long unshare_##name(void) { return outcome(unshare(flag)); } \
  static long clone_##name(void) { return clone_with(flag); } \
  static long clone3_##name(void) { return clone3_with(flag); } \
  static long setns_##name(void) { return setns_to(#name, flag); }
NAMESPACE(user, CLONE_NEWUSER)
NAMESPACE(mnt, CLONE_NEWNS)
NAMESPACE(pid, CLONE_NEWPID)
NAMESPACE(net, CLONE_NEWNET)
NAMESPACE(ipc, CLONE_NEWIPC)
NAMESPACE(uts, CLONE_NEWUTS)
NAMESPACE(cgroup, CLONE_NEWCGROUP)
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
static long unshare_time(void) { return outcome(unshare(CLONE_NEWTIME)); }
static long clone3_time(void) { return clone3_with(CLONE_NEWTIME); }

static long unshare_high_bits(void) {
  return outcome(syscall(SYS_unshare, CLONE_NEWUSER | 1UL << 32));
}

static long user_then(int namespaces) {
  return outcome(unshare(CLONE_NEWUSER | namespaces));
}

static long packet_in_user(void) {
  long refused = user_then(CLONE_NEWNET);
  return refused ? refused : outcome(socket(AF_PACKET, SOCK_RAW, 0));
}

static long netfilter_in_user(void) {
  long refused = user_then(CLONE_NEWNET);
  return refused ? refused : outcome(socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
}

static long fsopen_in_user(void) {
  long refused = user_then(CLONE_NEWNS);
  return refused ? refused : outcome(syscall(SYS_fsopen, "tmpfs", 0));
}

static long packet(void) { return outcome(socket(AF_PACKET, SOCK_RAW, 0)); }
static long raw_inet(void) { return outcome(socket(AF_INET, SOCK_RAW, 1)); }

static long user_with_shared_root(void) { return clone_with(CLONE_NEWUSER | CLONE_FS); }

static long write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  return fd < 0 ? -errno : outcome(write(fd, text, strlen(text)));
}

static long many_maps(void) {
  char text[512] = "";
  long refused = user_then(0);
  if (refused) return refused;
  for (int i = 0; i < 6; i++) sprintf(text + strlen(text), "%d %d 1\n", i, i);
  return write_file("/proc/self/uid_map", text);
}

static long map_again(void) { return write_file("/proc/self/uid_map", "0 0 4294967295\n"); }

static long drop_groups(void) { return outcome(syscall(SYS_setgroups, 0, NULL)); }

static long allow_setgroups(void) { return write_file("/proc/self/setgroups", "allow"); }

#define THREE(name) \
    {"10", "unshare-" #name, REFUSED, unshare_##name}, {"10", "clone-" #name, REFUSED, clone_##name}, \
    {"10", "setns-" #name, REFUSED, setns_##name}, {"9", "clone3-" #name, REFUSED, clone3_##name}

const struct probe namespace_probes[] = {
    THREE(user), THREE(mnt), THREE(pid), THREE(net), THREE(ipc), THREE(uts), THREE(cgroup),
    {"9", "clone3-time", REFUSED, clone3_time},
    {"10", "unshare-time", REFUSED, unshare_time},
    {"10", "unshare-user-bit-32", REFUSED, unshare_high_bits},
    {"11", "packet-socket-in-user-namespace", REFUSED, packet_in_user},
    {"11", "netfilter-in-user-namespace", REFUSED, netfilter_in_user},
    {"11", "fsopen-in-user-namespace", REFUSED, fsopen_in_user},
    {"11", "packet-socket", REFUSED, packet},
    {"11", "raw-socket", REFUSED, raw_inet},
    {"12", "user-namespace-with-shared-root", REFUSED, user_with_shared_root},
    {"13", "six-id-maps", REFUSED, many_maps},
    {"13", "map-ids-again", REFUSED, map_again},
    {"13", "drop-groups", REFUSED, drop_groups},
    {"13", "allow-setgroups", REFUSED, allow_setgroups},
    {NULL, NULL, REFUSED, NULL}};
