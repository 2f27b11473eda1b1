/*
 * rates.h - rates, fairness and cost, from the stints of a crew.
 */
#ifndef CONTEND_BENCH_ENGINE_RATES_H
#define CONTEND_BENCH_ENGINE_RATES_H

#include "bench/engine/crew.h"
#include "bench/engine/window.h"

/*
 * Fills the operations, the rates, the fairness, the longest gap and the processor time per
 * operation of the measured phase that the crew has just done.  Workers beside the others are
 * left out.  Fairness is that of the least fair role, since one role's operations need not be
 * as fast as another's.  `by_role` may be NULL; a role without workers has the rate 0.
 */
void rates_fill(struct crew *c, struct window_result *out, double by_role[CREW_ROLES]);

#endif
