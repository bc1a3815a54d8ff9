/* Compiles a policy with libseccomp, for comparison.
 *
 *   libseccomp OPTIMIZE OUTPUT < RULES
 *
 * RULES: the first line is `policy DEFAULT OTHER`, return values in hexadecimal for calls without a rule and for other
 * architectures. `arch NAME` begins the rules of one architecture. Each rule is `NAME VALUE [INDEX OPERATOR VALUE
 * [MASK]]...`, values in hexadecimal; the operator is one of EQ NE LT LE GT GE, or MASKED, which has the mask first.
 *
 * Writes the program to OUTPUT. Prints the microseconds that it took from the first rule to the program, how many rules
 * there are and how many were left out, since this libseccomp does not know the call.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 8192

struct rule {
  char name[48];
  uint32_t action;
  unsigned count;
  struct scmp_arg_cmp tests[6];
};

static struct rule rules[MOST];

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "libseccomp: %s: %s\n", what, detail);
  exit(1);
}

static uint32_t action(uint32_t value) {
  switch (value & 0xffff0000) {
    case SECCOMP_RET_ERRNO: return SCMP_ACT_ERRNO(value & 0xffff);
    case SECCOMP_RET_TRACE: return SCMP_ACT_TRACE(value & 0xffff);
    case SECCOMP_RET_USER_NOTIF: return SCMP_ACT_NOTIFY;
    default: return value; /* the same numbers */
  }
}

static enum scmp_compare operator(const char *name) {
  static const char *const names[] = {"", "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED"};
  for (int i = 1; i < 8; i++)
    if (strcmp(name, names[i]) == 0) return i;
  fail("no such operator", name);
  return 0;
}

/* Reads `NAME VALUE TESTS`. */
static void parse(char *line, struct rule *rule) {
  char *rest;
  strncpy(rule->name, strtok_r(line, " \n", &rest), sizeof rule->name - 1);
  rule->action = strtoul(strtok_r(NULL, " \n", &rest), NULL, 16);
  rule->count = 0;
  for (char *word; (word = strtok_r(NULL, " \n", &rest)) != NULL; rule->count++) {
    struct scmp_arg_cmp *test = &rule->tests[rule->count];
    test->arg = strtoul(word, NULL, 10);
    test->op = operator(strtok_r(NULL, " \n", &rest));
    test->datum_a = strtoull(strtok_r(NULL, " \n", &rest), NULL, 16);
    test->datum_b = test->op == SCMP_CMP_MASKED_EQ ? strtoull(strtok_r(NULL, " \n", &rest), NULL, 16) : 0;
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  if (argc != 3) fail("usage", "libseccomp OPTIMIZE OUTPUT < RULES");
  alarm(60); /* it can take for ever on many rules of one call */
  char line[4096];
  unsigned count = 0, unknown = 0;
  uint32_t fallback, other;
  if (!fgets(line, sizeof line, stdin) || sscanf(line, "policy %x %x", &fallback, &other) != 2) fail("no policy", line);
  while (count < MOST && fgets(line, sizeof line, stdin)) parse(line, &rules[count++]);

  double start = now();
  scmp_filter_ctx whole = NULL, part = NULL;
  for (unsigned i = 0; i < count; i++) {
    struct rule *rule = &rules[i];
    if (strncmp(rule->name, "arch:", 5) == 0) {
      uint32_t arch = seccomp_arch_resolve_name(rule->name + 5);
      scmp_filter_ctx next = seccomp_init(action(fallback));
      if (arch == 0 || next == NULL) fail("no such architecture", rule->name);
      if (arch != seccomp_arch_native()
          && (seccomp_arch_remove(next, SCMP_ARCH_NATIVE) < 0 || seccomp_arch_add(next, arch) < 0))
        fail("cannot compile for", rule->name);
      seccomp_attr_set(next, SCMP_FLTATR_ACT_BADARCH, action(other));
      seccomp_attr_set(next, SCMP_FLTATR_CTL_OPTIMIZE, atoi(argv[1]));
      if (whole == NULL) whole = next;
      else if (part != whole && seccomp_merge(whole, part) < 0) fail("cannot merge before", rule->name);
      part = next;
      continue;
    }
    int number = seccomp_syscall_resolve_name(rule->name);
    if (number == __NR_SCMP_ERROR
        || seccomp_rule_add_array(part, action(rule->action), number, rule->count, rule->tests) < 0) unknown++;
  }
  if (part != whole && seccomp_merge(whole, part) < 0) fail("cannot merge", "the last architecture");
  int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (out < 0 || seccomp_export_bpf(whole, out) < 0) fail("cannot write", argv[2]);
  printf("%.0f %u %u\n", now() - start, count, unknown);
  return 0;
}
