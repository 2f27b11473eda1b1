/*
 * arguments.h - what the commands' options have in common: reading them, numbers,
 * and messages that name the culprit and the way out.
 */
#ifndef CONTEND_BENCH_BASE_ARGUMENTS_H
#define CONTEND_BENCH_BASE_ARGUMENTS_H

#include <getopt.h>
#include <stdint.h>

/* Sets the command whose line is read, for messages: "run".  To be called first. */
void arguments_of(const char *command);
/* "contend run", for callers that print the name themselves. */
char *arguments_program(void);

/* Prints "contend COMMAND: " and the sentence on standard error.  Returns -EINVAL. */
__attribute__((format(printf, 1, 2)))
int arguments_error(const char *format, ...);

/*
 * getopt_long with messages of ours: before '?' is returned, a message says which option
 * may have been meant.  `letters` are the short options.
 */
int arguments_next(int argc, char **argv, const char *letters, const struct option *options);

/* A whole number in [low, high]; k, K and M multiply.  Returns 0, or -EINVAL after a message. */
int arguments_number(const char *option, const char *text, uint64_t low, uint64_t high,
                     uint64_t *out);
/* The same for a quantity with a unit, which may follow the number: "10s" or "10". */
int arguments_quantity(const char *option, const char *text, const char *unit, uint64_t low,
                       uint64_t high, uint64_t *out);

#endif
