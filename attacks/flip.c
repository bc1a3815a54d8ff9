/* flip A B: exchanges two names until its standard input ends or it is killed. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  if (argc != 3) return 2;
  while (poll(&input, 1, 0) == 0)
    for (int i = 0; i < 1000; i++)
      if (renameat2(-100, argv[1], -100, argv[2], RENAME_EXCHANGE)) {
        perror("renameat2");
        return 1;
      }
  return 0;
}
