/* Keys, shared memory, queues, locks. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

static long number(const char *name) { return strtol(told(name), NULL, 0); }

static long add(void) { return outcome(syscall(SYS_add_key, "user", "warder-probe", "#", 1, KEY_SPEC_SESSION_KEYRING)); }
static long request(void) { return outcome(syscall(SYS_request_key, "user", "warder-canary", NULL, 0)); }
static long join(void) { return outcome(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "warder-probe", 0, 0, 0)); }
static long search(void) {
  return outcome(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", "warder-canary", 0));
}
static long read_key(void) {
  char value[64];
  return told("key") ? outcome(syscall(SYS_keyctl, KEYCTL_READ, number("key"), value, sizeof value, 0)) : NOT_HERE;
}
static long revoke_key(void) {
  return told("key") ? outcome(syscall(SYS_keyctl, KEYCTL_REVOKE, number("key"), 0, 0, 0)) : NOT_HERE;
}

static long segment(void) { return told("shm") ? outcome(shmget(number("shm"), 0, 0)) : NOT_HERE; }
static long attach(void) {
  if (!told("shmid")) return NOT_HERE;
  void *memory = shmat(number("shmid"), NULL, 0);
  return memory == (void *) -1 ? -errno : 0;
}
static long remove_segment(void) { return told("shmid") ? outcome(shmctl(number("shmid"), IPC_RMID, NULL)) : NOT_HERE; }
static long semaphores(void) { return told("shm") ? outcome(semget(number("shm"), 0, 0)) : NOT_HERE; }
static long messages(void) { return told("shm") ? outcome(msgget(number("shm"), 0)) : NOT_HERE; }
static long queue(void) {
  return told("queue") ? outcome(syscall(SYS_mq_open, told("queue"), O_RDONLY, 0, NULL)) : NOT_HERE;
}

/* The keeper looks for these files outside. */
static long make_file(const char *folder) {
  char path[128];
  snprintf(path, sizeof path, "%s/warder-probe-%s", folder, told("pid") ? told("pid") : "alone");
  return outcome(open(path, O_RDWR | O_CREAT, 0600));
}
static long shared_memory(void) { return make_file("/dev/shm"); }
static long shared_tmp(void) { return make_file("/tmp"); }

/* The keeper sees a lock on a file of the host's; see "Limits" in docs/security.md. */
static long lock(void) {
  if (!told("file")) return NOT_HERE;
  int fd = open(told("file"), O_RDONLY);
  return fd < 0 ? -errno : outcome(flock(fd, LOCK_EX | LOCK_NB));
}
static long lease(void) {
  if (!told("file")) return NOT_HERE;
  int fd = open(told("file"), O_RDONLY);
  return fd < 0 ? -errno : outcome(fcntl(fd, F_SETLEASE, F_RDLCK));
}

const struct probe ipc_probes[] = {
    {"30", "add-key", REFUSED, add},
    {"30", "request-key", REFUSED, request},
    {"30", "join-session-keyring", REFUSED, join},
    {"30", "search-user-keyring", REFUSED, search},
    {"30", "read-key-of-the-host", REFUSED, read_key},
    {"30", "revoke-key-of-the-host", REFUSED, revoke_key},
    {"31", "shared-memory-file", OWN, shared_memory},
    {"31", "temporary-file", OWN, shared_tmp},
    {"31", "lock-shown-file", OWN, lock},
    {"31", "lease-on-shown-file", OWN, lease},
    {"32", "segment-of-the-host", REFUSED, segment},
    {"32", "attach-segment-of-the-host", REFUSED, attach},
    {"32", "remove-segment-of-the-host", REFUSED, remove_segment},
    {"32", "semaphores-of-the-host", REFUSED, semaphores},
    {"32", "messages-of-the-host", REFUSED, messages},
    {"32", "queue-of-the-host", REFUSED, queue},
    {NULL, NULL, REFUSED, NULL}};
