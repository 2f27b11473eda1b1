/* duels_claps.h - the duels of bounded claps, a check of tests/strategies/duels.c. */
#ifndef CONTEND_TESTS_STRATEGIES_DUELS_CLAPS_H
#define CONTEND_TESTS_STRATEGIES_DUELS_CLAPS_H

void claps_duels(void **state);

#endif
