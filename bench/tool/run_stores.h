/*
 * run_stores.h - `contend run --stores`: the part of the command that is for datastores.
 */
#ifndef CONTEND_BENCH_TOOL_RUN_STORES_H
#define CONTEND_BENCH_TOOL_RUN_STORES_H

#include "bench/measure/plan.h"

/* Reads --rate, and --redis, --pg or --dynamo as `option`.  0, or -EINVAL after a message. */
int run_stores_rate(struct run_options *o, const char *value);
int run_stores_address(struct run_options *o, const char *option, const char *system,
                       const char *address);

/*
 * After all options.  With --stores: registers those that are ready, and refuses options that
 * would be ignored; without: refuses those that need it.  0, -EINVAL after a message, or -ENOSPC.
 */
int run_stores_check(struct run_options *o);

/* Measures the plan, prints and saves, and ends the servers.  The exit status. */
int run_stores(const struct plan *plan, const struct run_options *o);

#endif
