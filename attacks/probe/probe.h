/* Attacks on a jail from inside. Each probe makes one and tells whether the kernel let it. */
#ifndef PROBE_H
#define PROBE_H

#include <errno.h>
#include <stddef.h>

/* What may come of a probe. */
enum expected {
  REFUSED,                  /* the call fails or the program is killed */
  OWN,                      /* it may succeed, with no effect on anybody but the program itself; the keeper looks after the rest */
};

struct probe {
  const char *attack;       /* its number in docs/security.md */
  const char *name;
  enum expected expected;
  long (*make)(void);       /* 0 if the attack succeeded, -errno if the kernel refused it, or NOT_HERE */
};

enum { NOT_HERE = 1 };      /* what is attacked is not there: nothing was tried */

/* The value of NAME=VALUE among the arguments, or NULL. */
const char *told(const char *name);

/* The errno of a system call's result, or 0. */
static inline long outcome(long result) {
  return result < 0 ? -errno : 0;
}

/* Whether a file of the host that the jail does not show can be seen. */
long sees_outside(void);

extern const struct probe terminal_probes[], abi_probes[], namespace_probes[], mount_probes[], escape_probes[],
    process_probes[], memory_probes[], ring_probes[], socket_probes[], ipc_probes[], kernel_probes[], privilege_probes[];

#endif
