/* epoch.c - K. Fraser, "Practical Lock-Freedom", 2004: presence_map/reclaim/epoch.h, two epochs of waiting. */
#define CONTEND_RECLAIM epoch

#include "presence_map/reclaim/parts/epochs.h"

#include "bench/check/textbook/reclaimed.h"

RECLAIMED_TEST("epoch")
