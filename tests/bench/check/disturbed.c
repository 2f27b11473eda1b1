/* disturbed.c - disturbed.h as an entry; compiled with the instrumentation, once per variant. */
#define CONTEND_HEADER disturbed
#include "tests/bench/check/disturbed.h"

#include "counters/parts/loops.h"
