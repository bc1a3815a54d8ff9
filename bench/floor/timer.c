/*
 * Times commands in turn: A B C, B A C, ... so that whatever disturbs the machine disturbs all of them alike. The order
 * within a round is random, since a launch pays for what the one before it left the kernel to clear up.
 *
 *   timer WARM-UP ROUNDS PARALLEL < commands > samples
 *
 * A line of commands is tab-separated: name, N to run it in every Nth round only, a shell command to run before each
 * launch outside the clock (or nothing), then the words of the command. A word {FILE} becomes the number of a
 * descriptor that the file is open on, freshly for each launch. PARALLEL 0 prints a line a launch: round, name,
 * nanoseconds, peak KiB, CPU microseconds. PARALLEL above 0 keeps that many launches of one command under way until
 * there were as many as rounds, and prints name, launches, nanoseconds in all.
 *
 * What a launcher leaves behind comes to this program, which waits for it too, off the clock: its processor time counts,
 * and it does not disturb the next launch.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 64, MAX_WORDS = 4096, MAX_FILES = 4, MAX_PARALLEL = 64, LINE_BYTES = 1 << 18 };

struct command {
  char *name, *before, *words[MAX_WORDS + 1];
  long every;
};

extern char **environ;
static struct command commands[MAX_COMMANDS];

static void die(const char *what, const char *name) {
  fprintf(stderr, "timer: %s: %s\n", what, name);
  exit(2);
}

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static int read_commands(void) {
  static char line[LINE_BYTES];
  int count = 0;
  while (fgets(line, sizeof line, stdin)) {
    char *rest = strdup(line), *word;
    int n = 0;
    if (count == MAX_COMMANDS) {
      die("too many commands", line);
    }
    struct command *c = &commands[count++];
    rest[strcspn(rest, "\n")] = 0;
    c->name = strsep(&rest, "\t");
    char *every = strsep(&rest, "\t");
    c->every = every ? atol(every) : 0;
    c->before = strsep(&rest, "\t");
    while ((word = strsep(&rest, "\t")) && n < MAX_WORDS) {
      c->words[n++] = word;
    }
    if (c->every < 1 || n == 0) {
      die("not a command", line);
    }
  }
  return count;
}

/* Starts the command; the caller waits for it. */
static pid_t start(struct command *c, long *begun) {
  char *words[MAX_WORDS + 1], numbers[MAX_FILES][12];
  int files[MAX_FILES], count = 0;
  pid_t pid;
  for (int i = 0; i == 0 || c->words[i - 1]; i++) {
    words[i] = c->words[i];
    if (words[i] && words[i][0] == '{' && count < MAX_FILES) {
      char path[4096];
      snprintf(path, sizeof path, "%.*s", (int) strlen(words[i]) - 2, words[i] + 1);
      files[count] = open(path, O_RDONLY);
      if (files[count] < 0) {
        die("cannot open", path);
      }
      snprintf(numbers[count], sizeof numbers[count], "%d", files[count]);
      words[i] = numbers[count++];
    }
  }
  *begun = now();
  int error = posix_spawn(&pid, words[0], 0, 0, words, environ);
  if (error) {
    die(strerror(error), words[0]);
  }
  while (count) {
    close(files[--count]);
  }
  return pid;
}

static void check(struct command *c, int status) {
  if (status) {
    fprintf(stderr, "timer: %s ended with status 0x%x\n", c->name, status);
    exit(1);
  }
}

static long microseconds(struct rusage *usage) {
  return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000L + usage->ru_utime.tv_usec
      + usage->ru_stime.tv_usec;
}

static void one(struct command *c, long round) {
  struct rusage usage, left;
  long begun;
  int status;
  if (*c->before && system(c->before)) {
    die("preparation failed", c->name);
  }
  pid_t pid = start(c, &begun);
  if (wait4(pid, &status, 0, &usage) != pid) {
    die("lost", c->name);
  }
  long ended = now();
  check(c, status);
  long cpu = microseconds(&usage);
  while (wait4(-1, &status, 0, &left) > 0) {
    cpu += microseconds(&left);
  }
  if (round >= 0) {
    printf("%ld\t%s\t%ld\t%ld\t%ld\n", round, c->name, ended - begun, usage.ru_maxrss, cpu);
  }
}

/* Another order of the commands for each round, the same ones in each run. */
static void shuffle(int *order, int count) {
  static unsigned long state = 1;
  for (int i = count - 1; i > 0; i--) {
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    int other = (state >> 33) % (i + 1), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

static void throughput(struct command *c, long launches, long parallel) {
  long begun, first = now(), started = 0, ended = 0;
  pid_t own[MAX_PARALLEL] = {0};
  int status;
  while (ended < launches) {
    for (long i = 0; i < parallel; i++) {
      if (own[i] == 0 && started < launches) {
        own[i] = start(c, &begun);
        started++;
      }
    }
    pid_t pid = wait(&status);
    if (pid < 0) {
      die("lost", c->name);
    }
    for (long i = 0; i < parallel; i++) {
      if (own[i] == pid) {
        own[i] = 0;
        check(c, status);
        ended++;
      }
    }
  }
  printf("%s\t%ld\t%ld\n", c->name, launches, now() - first);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    die("usage", "timer WARM-UP ROUNDS PARALLEL < commands");
  }
  long warm_up = atol(argv[1]), rounds = atol(argv[2]), parallel = atol(argv[3]);
  int count = read_commands(), order[MAX_COMMANDS];
  if (parallel > MAX_PARALLEL || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
    die("cannot begin", argv[3]);
  }
  for (int i = 0; i < count; i++) {
    order[i] = i;
  }
  for (long round = -warm_up; round < rounds; round++) {
    shuffle(order, count);
    for (int i = 0; i < count && (parallel == 0 || round < 0); i++) {
      struct command *c = &commands[order[i]];
      if (round < 0 ? c->every == 1 : round % c->every == 0) {
        one(c, round);
      }
    }
  }
  for (int i = 0; i < count && parallel > 0; i++) {
    throughput(&commands[i], rounds, parallel);
  }
  return 0;
}
