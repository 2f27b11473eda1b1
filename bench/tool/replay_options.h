/*
 * replay_options.h - the command line of `contend replay`.
 */
#ifndef CONTEND_BENCH_TOOL_REPLAY_OPTIONS_H
#define CONTEND_BENCH_TOOL_REPLAY_OPTIONS_H

#include "bench/replay/replay.h"

/* Reads the command line after "replay".  0, 1 (help was printed), -EINVAL, -ENOMEM. */
int replay_options_parse(struct replay_options *o, int argc, char **argv);
void replay_options_free(struct replay_options *o);

/* A message on standard error that fits into 80 columns.  -EINVAL. */
int replay_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
