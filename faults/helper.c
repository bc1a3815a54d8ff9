/* Stands in for pasta: says that it is ready, as that does, and waits for its end. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
  if (dprintf(2, "%d\n", getpid()) < 2) return 1;
  for (;;) pause();
}
