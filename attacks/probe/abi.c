/* The other ABIs of the processor, and what changes how it or the kernel treats the program. */
#define _GNU_SOURCE
#include "probe.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { X32 = 0x40000000, CLONE_NEWUSER_FLAG = 0x10000000 };

#ifdef __x86_64__
static long result(long value) {
  return value < 0 ? value : 0;
}

static long x32(long number, long a, long b, long c) {
  return outcome(syscall(X32 + number, a, b, c, 0, 0, 0));
}

static long int80(long number, long a, long b, long c) {
  long value;
  __asm__ volatile("int $0x80" : "=a"(value) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0), "D"(0)
                   : "memory", "r8", "r9", "r10", "r11");
  return result((int) value);
}

static long *low_memory(void) {
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (page == MAP_FAILED) exit(errno);
  return page;
}

static long x32_getpid(void) { return x32(39, 0, 0, 0); }
static long x32_unshare(void) { return x32(272, CLONE_NEWUSER_FLAG, 0, 0); }
static long x32_ptrace(void) { return x32(521, PTRACE_TRACEME, 0, 0); }
static long x32_process_vm_readv(void) { return x32(539, 1, 0, 0); }
static long x32_execveat(void) { return x32(545, -1, 0, 0); }
static long int80_ptrace(void) { return int80(26, PTRACE_TRACEME, 0, 0); }
static long int80_unshare(void) { return int80(310, CLONE_NEWUSER_FLAG, 0, 0); }
static long int80_clone(void) {
  long pid = int80(120, CLONE_NEWUSER_FLAG | 17, 0, 0);
  return pid;
}
static long int80_keyctl(void) { return int80(288, 0, -3, 1); }
static long int80_mount(void) { return int80(21, 0, 0, 0); }
static long int80_umount(void) { return int80(52, 0, 0, 0); }
static long int80_personality(void) { return int80(136, ADDR_NO_RANDOMIZE, 0, 0); }
static long int80_vm86(void) { return int80(166, 0, 0, 0); }

static long int80_socketcall(int family, int type) {
  uint32_t *arguments = (uint32_t *) low_memory();
  arguments[0] = family;
  arguments[1] = type;
  arguments[2] = 0;
  return int80(102, 1, (long) arguments, 0);
}

static long socketcall_alg(void) { return int80_socketcall(AF_ALG, SOCK_SEQPACKET); }
static long socketcall_vsock(void) { return int80_socketcall(40, SOCK_STREAM); }
static long socketcall_packet(void) { return int80_socketcall(AF_PACKET, SOCK_RAW); }
static long int80_socket_vsock(void) { return int80(359, 40, SOCK_STREAM, 0); }

static long ldt(void) {
  char entries[64];
  return outcome(syscall(SYS_modify_ldt, 0, entries, sizeof entries));
}
static long io_level(void) { return outcome(iopl(3)); }
static long io_ports(void) { return outcome(ioperm(0x80, 1, 1)); }
#endif

static long person(unsigned long value) { return outcome(syscall(SYS_personality, value)); }
static long no_randomisation(void) { return person(ADDR_NO_RANDOMIZE); }
static long read_implies_exec(void) { return person(READ_IMPLIES_EXEC); }
static long page_zero(void) { return person(MMAP_PAGE_ZERO); }
static long compat_layout(void) { return person(ADDR_COMPAT_LAYOUT); }
static long person_high_bits(void) { return person(ADDR_NO_RANDOMIZE | 1UL << 32); }

const struct probe abi_probes[] = {
#ifdef __x86_64__
    {"4", "x32-getpid", OWN, x32_getpid},
    {"4", "x32-unshare", REFUSED, x32_unshare},
    {"4", "x32-ptrace", REFUSED, x32_ptrace},
    {"4", "x32-process-vm-readv", REFUSED, x32_process_vm_readv},
    {"4", "x32-execveat", REFUSED, x32_execveat},
    {"5", "int80-ptrace", REFUSED, int80_ptrace},
    {"5", "int80-unshare", REFUSED, int80_unshare},
    {"5", "int80-clone-newuser", REFUSED, int80_clone},
    {"5", "int80-keyctl", REFUSED, int80_keyctl},
    {"5", "int80-mount", REFUSED, int80_mount},
    {"5", "int80-umount", REFUSED, int80_umount},
    {"5", "int80-personality", REFUSED, int80_personality},
    {"6", "socketcall-alg", REFUSED, socketcall_alg},
    {"6", "socketcall-vsock", REFUSED, socketcall_vsock},
    {"6", "socketcall-packet", REFUSED, socketcall_packet},
    {"6", "int80-socket-vsock", REFUSED, int80_socket_vsock},
    {"47", "modify-ldt", REFUSED, ldt},
    {"47", "iopl", REFUSED, io_level},
    {"47", "ioperm", REFUSED, io_ports},
    {"47", "vm86", REFUSED, int80_vm86},
#endif
    {"46", "no-randomisation", REFUSED, no_randomisation},
    {"46", "read-implies-exec", REFUSED, read_implies_exec},
    {"46", "mmap-page-zero", REFUSED, page_zero},
    {"46", "compat-layout", REFUSED, compat_layout},
    {"46", "high-bits", REFUSED, person_high_bits},
    {NULL, NULL, REFUSED, NULL}};
