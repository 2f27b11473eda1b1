/* list.h - the entries of this build, from the generated list.c. */
#ifndef CONTEND_BENCH_STORES_LIST_H
#define CONTEND_BENCH_STORES_LIST_H

#include "bench/stores/stores.h"

/* Ended by NULL. */
extern const struct store *const stores_list[];

#endif
