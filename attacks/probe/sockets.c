/* Sockets that reach past the network namespace. */
#define _GNU_SOURCE
#include "probe.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static long open_socket(int family, int type, int protocol) { return outcome(socket(family, type, protocol)); }

static long connect_to(const char *name, int abstract) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (!name) return NOT_HERE;
  if (fd < 0) return -errno;
  strncpy(address.sun_path + abstract, name, sizeof address.sun_path - 2);
  return outcome(connect(fd, (struct sockaddr *) &address, offsetof(struct sockaddr_un, sun_path) + abstract + strlen(name)));
}

static long send_to_abstract(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  const char *name = told("datagrams");
  if (!name) return NOT_HERE;
  if (fd < 0) return -errno;
  strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
  return outcome(sendto(fd, "#", 1, 0, (struct sockaddr *) &address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

static long connect_to_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (!told("port")) return NOT_HERE;
  if (fd < 0) return -errno;
  address.sin_port = htons(atoi(told("port")));
  return outcome(connect(fd, (struct sockaddr *) &address, sizeof address));
}

static long alg(void) { return open_socket(AF_ALG, SOCK_SEQPACKET, 0); }
static long vsock(void) { return open_socket(40, SOCK_STREAM, 0); }
static long vsock_high_bits(void) { return outcome(syscall(SYS_socket, 40L | 1L << 32, SOCK_STREAM, 0)); }
static long bluetooth(void) { return open_socket(AF_BLUETOOTH, SOCK_RAW, 1); }
static long abstract(void) { return connect_to(told("socket"), 1); }
static long hidden_path(void) { return connect_to(told("hidden-socket"), 0); }
static long netlink_audit(void) { return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT); }

/* A socket of these is one of the jail's own network: it shows nothing of the host's. */
static long netlink_route(void) { return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }
static long netlink_uevent(void) { return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT); }
static long netlink_diag(void) { return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG); }
static long netlink_crypto(void) { return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_CRYPTO); }

const struct probe socket_probes[] = {
    {"25", "af-alg", REFUSED, alg},
    {"26", "vsock", REFUSED, vsock},
    {"26", "vsock-bit-32", REFUSED, vsock_high_bits},
    {"26", "bluetooth", REFUSED, bluetooth},
    {"27", "connect-to-abstract-socket", REFUSED, abstract},
    {"27", "send-to-abstract-socket", REFUSED, send_to_abstract},
    {"27", "connect-to-loopback-port", REFUSED, connect_to_port},
    {"28", "connect-to-socket-not-shown", REFUSED, hidden_path},
    {"29", "netlink-audit", REFUSED, netlink_audit},
    {"29", "netlink-route", OWN, netlink_route},
    {"29", "netlink-uevent", OWN, netlink_uevent},
    {"29", "netlink-sock-diag", OWN, netlink_diag},
    {"29", "netlink-crypto", OWN, netlink_crypto},
    {NULL, NULL, REFUSED, NULL}};
