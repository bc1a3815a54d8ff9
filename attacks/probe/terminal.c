/* Typing into the caller's terminal, which is standard input. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PASTE = 3 };

static long type(unsigned long request) {
  return outcome(syscall(SYS_ioctl, 0, request, "#"));
}

static long tiocsti(void) {
  return type(TIOCSTI);
}

static long tiocsti_high_bits(void) {
  return type(TIOCSTI | 1UL << 32);
}

static long tiocsti_top_bit(void) {
  return type(TIOCSTI | 1UL << 63);
}

static long tioclinux(void) {
  char paste[] = {PASTE, 0};
  return outcome(syscall(SYS_ioctl, 0, TIOCLINUX, paste));
}

static long tioclinux_high_bits(void) {
  char paste[] = {PASTE, 0};
  return outcome(syscall(SYS_ioctl, 0, TIOCLINUX | 1UL << 32, paste));
}

static long controlling_terminal(void) {
  return outcome(open("/dev/tty", O_RDWR));
}

static long take_terminal(void) {
  return outcome(ioctl(0, TIOCSCTTY, 1));
}

const struct probe terminal_probes[] = {
    {"1", "tiocsti", REFUSED, tiocsti},
    {"1", "open-controlling-terminal", REFUSED, controlling_terminal},
    {"1", "take-terminal", REFUSED, take_terminal},
    {"2", "tioclinux", REFUSED, tioclinux},
    {"3", "tiocsti-bit-32", REFUSED, tiocsti_high_bits},
    {"3", "tiocsti-bit-63", REFUSED, tiocsti_top_bit},
    {"3", "tioclinux-bit-32", REFUSED, tioclinux_high_bits},
    {NULL, NULL, REFUSED, NULL}};
