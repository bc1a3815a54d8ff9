/*
 * A helper for networks that connects nothing: says what stands in /etc/hosts, with its process id for PID, and ends. What
 * stands behind a form feed goes to file 3.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  char text[256], out[1024], *end, *pid;
  int file = open("/etc/hosts", O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (length < 0) return 1;
  text[length] = 0;
  if ((end = strchr(text, '\f'))) *end++ = 0;
  int at = 0;
  char *from = text;
  while ((pid = strstr(from, "PID"))) {
    at += snprintf(out + at, sizeof out - at, "%.*s%d", (int) (pid - from), from, getpid());
    from = pid + 3;
  }
  at += snprintf(out + at, sizeof out - at, "%s", from);
  if (write(2, out, at) != at) return 1;
  if (end && write(3, end, strlen(end)) < 0) return 1;
  return 0;
}
