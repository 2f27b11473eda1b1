/*
 * serve_options.h - the command line of `contend serve`.
 */
#ifndef CONTEND_BENCH_TOOL_SERVE_OPTIONS_H
#define CONTEND_BENCH_TOOL_SERVE_OPTIONS_H

#include "bench/base/family.h"
#include "bench/base/settings.h"
#include "bench/serve/serve.h"

enum { SERVE_FAMILIES = 3, SERVE_SETS = 16 };

struct serve_line {
    struct serve_options serve;
    struct settings settings[SERVE_FAMILIES];
};

/* Reads the command line after "serve"; *line keeps what the options refer to.  As command_lines.h
   says. */
int serve_parse(struct serve_line *line, int argc, char **argv);

#endif
