/* The program of a jail that must not have been made. With an argument it stays until it is killed. */
#include <unistd.h>

int main(int argc, char **argv) {
  (void) argv;
  if (write(1, "STARTED\n", 8) != 8) return 1;
  while (argc > 1) pause();
  return 0;
}
