/* lagging.c - lagging.h as an entry; compiled with the instrumentation, and once more per fault. */
#ifndef CONTEND_STRATEGY
#define CONTEND_STRATEGY lagging
#endif
#define CONTEND_HEADER lagging
#include "tests/bench/check/lagging.h"

#include "counters/parts/loops.h"
