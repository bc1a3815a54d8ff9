/* Clones a process into NAMESPACES, which ends at once, and waits for it: what a namespace costs, its end included. */
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/sched.h>

static long call(long number, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = 0;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}

__attribute__((noreturn, used)) static void run(void) {
  long child = call(__NR_clone, (NAMESPACES) | SIGCHLD, 0, 0, 0);
  long code = child < 0;
  if (child > 0) {
    code = call(__NR_wait4, child, 0, 0, 0) != child;
  }
  for (;;) {
    call(__NR_exit_group, code, 0, 0, 0);
  }
}

__asm__(".globl _start\n_start: and $-16, %rsp\ncall run\n");
