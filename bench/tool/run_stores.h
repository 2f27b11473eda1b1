/*
 * run_stores.h - `contend run --stores`: the part of the command that is for datastores.
 */
#ifndef CONTEND_BENCH_TOOL_RUN_STORES_H
#define CONTEND_BENCH_TOOL_RUN_STORES_H

#include "bench/measure/plan.h"

/* Reads --stores and --rate.  0, -EINVAL after a message, or -ENOSPC. */
int run_stores_ask(struct run_options *o);
int run_stores_rate(struct run_options *o, const char *value);

/* With --stores: refuses options that would be ignored; without: those that need it.  0 or -EINVAL. */
int run_stores_check(const struct run_options *o);

/* Measures the plan, prints and saves, and ends the servers.  The exit status. */
int run_stores(const struct plan *plan, const struct run_options *o);

#endif
