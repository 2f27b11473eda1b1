/* refcount.c - J. Valois, 1995, corrected: presence_map/reclaim/refcount.h, a count in each block. */
#define CONTEND_RECLAIM refcount

#include "presence_map/reclaim/refcount.h"

#include "bench/check/textbook/reclaimed.h"

RECLAIMED_TEST("refcount")
