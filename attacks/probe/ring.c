/* io_uring: a ring makes calls that no filter sees. */
#define _GNU_SOURCE
#include "probe.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static long set_up(void) {
  struct io_uring_params parameters = {0};
  return outcome(syscall(SYS_io_uring_setup, 1, &parameters));
}

/* Makes one operation by a ring of its own; the kernel's answer. */
static long operate(const struct io_uring_sqe *operation) {
  struct io_uring_params p = {0};
  int ring = syscall(SYS_io_uring_setup, 1, &p);
  if (ring < 0) return -errno;
  size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  size_t submissions = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  char *rings = mmap(NULL, size > submissions ? size : submissions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring,
      IORING_OFF_SQ_RING);
  struct io_uring_sqe *entries = mmap(NULL, p.sq_entries * sizeof *entries, PROT_READ | PROT_WRITE,
      MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  if (rings == MAP_FAILED || entries == MAP_FAILED) return -errno;
  entries[0] = *operation;
  *(unsigned *) (rings + p.sq_off.array) = 0;
  *(unsigned *) (rings + p.sq_off.tail) = 1;
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -errno;
  int answer = ((struct io_uring_cqe *) (rings + p.cq_off.cqes))->res;
  return answer < 0 ? answer : 0;
}

static long vsock_by_ring(void) {
  struct io_uring_sqe sqe = {.opcode = 45, .fd = 40, .off = SOCK_STREAM};             /* IORING_OP_SOCKET, AF_VSOCK */
  return operate(&sqe);
}

static long open_by_ring(void) {
  struct io_uring_sqe sqe = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .open_flags = O_WRONLY};
  if (!told("file")) return NOT_HERE;
  sqe.addr = (unsigned long) told("file");
  return operate(&sqe);
}

static long see_by_ring(void) {
  struct io_uring_sqe sqe = {.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .open_flags = O_RDONLY};
  if (!told("outside")) return NOT_HERE;
  sqe.addr = (unsigned long) told("outside");
  return operate(&sqe);
}

static long link_by_ring(void) {
  char path[4096];
  if (!told("shown")) return NOT_HERE;
  snprintf(path, sizeof path, "%s/link", told("shown"));
  struct io_uring_sqe sqe = {.opcode = 38, .fd = AT_FDCWD, .addr = (unsigned long) "/", .addr2 = (unsigned long) path};
  return operate(&sqe);                                                               /* IORING_OP_SYMLINKAT */
}

static long connect_by_ring(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (!told("socket")) return NOT_HERE;
  if (fd < 0) return -errno;
  strncpy(name.sun_path + 1, told("socket"), sizeof name.sun_path - 2);
  struct io_uring_sqe sqe = {.opcode = IORING_OP_CONNECT, .fd = fd, .addr = (unsigned long) &name,
      .off = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(told("socket"))};
  return operate(&sqe);
}

const struct probe ring_probes[] = {
    {"7", "set-up-a-ring", REFUSED, set_up},
    {"7", "write-shown-file-by-ring", REFUSED, open_by_ring},
    {"7", "file-not-shown-by-ring", REFUSED, see_by_ring},
    {"7", "link-in-shown-folder-by-ring", REFUSED, link_by_ring},
    {"7", "connect-to-abstract-socket-by-ring", REFUSED, connect_by_ring},
    {"26", "vsock-by-ring", REFUSED, vsock_by_ring},
    {NULL, NULL, REFUSED, NULL}};
