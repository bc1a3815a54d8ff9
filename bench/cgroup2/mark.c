/* Marks a control group as systemd does one that it gives away. */
#include <sys/xattr.h>

int main(int argc, char **argv) {
  return argc != 2 || setxattr(argv[1], "user.delegate", "1", 1, 0) != 0;
}
