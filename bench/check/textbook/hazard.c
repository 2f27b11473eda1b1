/* hazard.c - M. Michael, "Hazard Pointers", 2004: presence_map/reclaim/hazard.h, a reader and an updater. */
#define CONTEND_RECLAIM hazard

#include "presence_map/reclaim/hazard.h"

#include "bench/check/textbook/reclaimed.h"

RECLAIMED_TEST("hazard")
