/*
 * cost.h - what the reduced search has looked at, and when that is more than its executions are worth.
 *
 * What reversals cost grows with the length of an execution and with what is awaited.  Where threads go
 * round in loops that change something both have no end, and few switches, depth first, find more.
 */
#ifndef CONTEND_BENCH_CHECK_COST_H
#define CONTEND_BENCH_CHECK_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

/* Steps of sequences and branches of trees that were looked at or copied: added to where that is done. */
extern uint64_t cost_so_far CHECK_PRIVATE(cost_so_far);

/* A search of so many executions begins; 0 = without such a limit. */
void cost_begin(uint64_t executions) CHECK_PRIVATE(cost_begin);

/* Whether it must end.  The time counts as well, since one execution may take long. */
bool cost_is_too_high(void) CHECK_PRIVATE(cost_is_too_high);

/* What that has said last. */
bool cost_was_too_high(void) CHECK_PRIVATE(cost_was_too_high);

#endif
