/*
 * arguments.h - what the commands' options have in common: reading them, numbers,
 * and messages that name the culprit and the way out.
 */
#ifndef CONTEND_BENCH_BASE_ARGUMENTS_H
#define CONTEND_BENCH_BASE_ARGUMENTS_H

#include <getopt.h>
#include <stdint.h>

/* Whose command line it is, for messages: "run".  Say it first. */
void arguments_of(const char *command);
/* "contend run", for whoever prints a name of its own. */
char *arguments_program(void);

/* Prints "contend COMMAND: " and the sentence on standard error.  -EINVAL. */
__attribute__((format(printf, 1, 2)))
int arguments_error(const char *format, ...);

/*
 * getopt_long, but for its complaints: '?' comes back after a message of ours, which
 * says which option may have been meant.  `letters` are the short ones.
 */
int arguments_next(int argc, char **argv, const char *letters, const struct option *options);

/* A whole number in [low, high], with k, K and M understood.  0, or -EINVAL: it has been said. */
int arguments_number(const char *option, const char *text, uint64_t low, uint64_t high,
                     uint64_t *out);
/* The same of something that has a unit, which may stand behind the number: "10s" or "10". */
int arguments_quantity(const char *option, const char *text, const char *unit, uint64_t low,
                       uint64_t high, uint64_t *out);

#endif
