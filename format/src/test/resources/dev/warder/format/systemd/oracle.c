/*
 * Prints the filters that systemd's own code makes of settings, instead of installing them.
 *
 * Reads Key=value lines, which it handles as config_parse_* of load-fragment.c do, calls libsystemd-shared in the order
 * of exec_child, and catches what it hands to seccomp_load: a length in 4 bytes, then the program. With
 * arguments it prints the sets of those names instead.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALLOW 0x7fff0000u
#define LOG 0x7ffc0000u
#define KILL 0x80000000u
#define ERRNO(e) (0x00050000u | (e))
#define NUMBER_KILL (0x7fffffff - 1)
enum { INVERT = 1, ALLOW_LIST = 2, PERMISSIVE = 8 };
#define NAMESPACES 0x7e020080ul

typedef struct { const char *name, *help, *value; } Set;
extern const Set *syscall_filter_set_find(const char *);
extern void *_hashmap_new(const void *), *_set_new(const void *);
extern int set_put(void *, const void *);
extern int seccomp_parse_syscall_filter(const char *, int, void *, int, const char *, const char *, unsigned);
extern int seccomp_load_syscall_filter_set_raw(uint32_t, void *, uint32_t, bool);
extern int seccomp_load_syscall_filter_set(uint32_t, const Set *, uint32_t, bool);
extern int seccomp_arch_from_string(const char *, uint32_t *);
extern int seccomp_restrict_archs(void *), seccomp_restrict_namespaces(unsigned long);
extern int seccomp_restrict_address_families(void *, bool), seccomp_restrict_realtime_full(int);
extern int seccomp_memory_deny_write_execute(void), seccomp_lock_personality(unsigned long);
extern int seccomp_protect_hostname(void), seccomp_protect_sysctl(void), seccomp_protect_syslog(void);
extern int seccomp_restrict_suid_sgid(void);
extern int seccomp_syscall_resolve_name(const char *);
extern int seccomp_export_bpf(const void *, int);
extern int af_from_name(const char *);

int seccomp_load(const void *ctx) {
  int fd = memfd_create("filter", 0);
  seccomp_export_bpf(ctx, fd);
  uint32_t size = lseek(fd, 0, SEEK_END);
  char *bytes = malloc(size);
  pread(fd, bytes, size, 0);
  fwrite(&size, 4, 1, stdout);
  fwrite(bytes, 1, size, stdout);
  close(fd);
  return 0;
}

static void print_sets(char **names) {
  for (; *names; names++) {
    const Set *set = syscall_filter_set_find(*names);
    if (!set) continue;
    printf("%s", set->name);
    for (const char *name = set->value; *name; name += strlen(name) + 1)
      if (*name == '@' || seccomp_syscall_resolve_name(name) != -1) printf(" %s", name);
    putchar('\n');
  }
}

static int number(const char *text) {
  if (!strcmp(text, "kill")) return NUMBER_KILL;
  for (int e = 1; e < 200; e++) if (strerrorname_np(e) && !strcmp(strerrorname_np(e), text)) return e;
  return atoi(text);
}

typedef struct { void *calls; bool allow; } List;

static void list(List *list, char *value, bool filter) {
  if (!*value) { list->calls = NULL; return; }
  bool invert = *value == '~';
  if (invert) value++;
  if (!list->calls) {
    list->calls = _hashmap_new(NULL);
    list->allow = !invert;
    if (list->allow && filter)
      seccomp_parse_syscall_filter("@default", -1, list->calls, PERMISSIVE | ALLOW_LIST, "u", "f", 1);
  }
  for (char *word = strtok(value, " \t"); word; word = strtok(NULL, " \t")) {
    char *colon = strchr(word, ':');
    if (colon) *colon = 0;
    if (colon && !invert) continue;
    seccomp_parse_syscall_filter(word, colon ? number(colon + 1) : -1, list->calls,
        PERMISSIVE | (invert ? INVERT : 0) | (list->allow ? ALLOW_LIST : 0), "u", "f", 1);
  }
}

static unsigned long namespaces(char *value, unsigned long retained) {
  static const struct { const char *name; unsigned long flag; } kinds[] = {{"cgroup", 0x02000000}, {"ipc", 0x08000000},
    {"net", 0x40000000}, {"mnt", 0x20000}, {"pid", 0x20000000}, {"user", 0x10000000}, {"uts", 0x04000000},
    {"time", 0x80}};
  if (!*value || !strcmp(value, "no")) return ~0ul;
  if (!strcmp(value, "yes")) return 0;
  bool invert = *value == '~';
  unsigned long flags = 0;
  for (char *word = strtok(invert ? value + 1 : value, " "); word; word = strtok(NULL, " "))
    for (int i = 0; i < 8; i++) if (!strcmp(kinds[i].name, word)) flags |= kinds[i].flag;
  if (retained == ~0ul) return invert ? NAMESPACES & ~flags : flags;
  return invert ? retained & ~flags : retained | flags;
}

int main(int argc, char **argv) {
  if (argc > 1) { print_sets(argv + 1); return 0; }
  List filter = {0}, log = {0};
  void *families = NULL, *archs = NULL;
  bool families_allow = false;
  unsigned long retained = ~0ul, personality = 0;
  uint32_t refusal = KILL;
  bool on[10] = {0};
  static const char *keys[] = {"MemoryDenyWriteExecute", "RestrictRealtime", "RestrictSUIDSGID",
    "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock", "PrivateDevices",
    "ProtectHostname", "LockPersonality"};
  char line[65536];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *value = strchr(line, '=');
    if (!value) continue;
    *value++ = 0;
    if (!strcmp(line, "SystemCallFilter")) list(&filter, value, true);
    else if (!strcmp(line, "SystemCallLog")) list(&log, value, false);
    else if (!strcmp(line, "SystemCallErrorNumber"))
      refusal = !*value || number(value) == NUMBER_KILL ? KILL : ERRNO(number(value));
    else if (!strcmp(line, "RestrictNamespaces")) retained = namespaces(value, retained);
    else if (!strcmp(line, "Personality")) personality = strcmp(value, "x86") ? 0 : 8;
    else if (!strcmp(line, "SystemCallArchitectures")) {
      archs = archs ? archs : _set_new(NULL);
      for (char *word = strtok(value, " "); word; word = strtok(NULL, " ")) {
        uint32_t arch;
        if (seccomp_arch_from_string(word, &arch) >= 0) set_put(archs, (void *) (uintptr_t) (arch + 1));
      }
    } else if (!strcmp(line, "RestrictAddressFamilies")) {
      families_allow = *value != '~';
      families = _set_new(NULL);
      for (char *word = strtok(families_allow ? value : value + 1, " "); word; word = strtok(NULL, " "))
        if (strcmp(word, "none")) set_put(families, (void *) (uintptr_t) af_from_name(word));
    }
    for (int i = 0; i < 10; i++) if (!strcmp(line, keys[i])) on[i] = !strcmp(value, "yes");
  }
  if (families) seccomp_restrict_address_families(families, families_allow);
  if (on[0]) seccomp_memory_deny_write_execute();
  if (on[1]) seccomp_restrict_realtime_full(EPERM);
  if (on[2]) seccomp_restrict_suid_sgid();
  if (retained != ~0ul) seccomp_restrict_namespaces(retained);
  if (on[3]) seccomp_protect_sysctl();
  if (on[4]) seccomp_load_syscall_filter_set(ALLOW, syscall_filter_set_find("@module"), ERRNO(EPERM), false);
  if (on[5]) seccomp_protect_syslog();
  if (on[6]) seccomp_load_syscall_filter_set(ALLOW, syscall_filter_set_find("@clock"), ERRNO(EPERM), false);
  if (on[7]) seccomp_load_syscall_filter_set(ALLOW, syscall_filter_set_find("@raw-io"), ERRNO(EPERM), false);
  if (archs) seccomp_restrict_archs(archs);
  if (on[8]) seccomp_protect_hostname();
  if (on[9]) seccomp_lock_personality(personality);
  if (log.calls)
    seccomp_load_syscall_filter_set_raw(log.allow ? ALLOW : LOG, log.calls, log.allow ? LOG : ALLOW, false);
  if (filter.calls)
    seccomp_load_syscall_filter_set_raw(filter.allow ? refusal : ALLOW, filter.calls, filter.allow ? ALLOW : refusal,
        false);
  return 0;
}
