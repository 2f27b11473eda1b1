/*
 * mask.h - the signals that are blocked: an execution that ends inside of a handler leaves its own so.
 *
 * The handler is abandoned with its fiber and never returns, which would let its signal through again:
 * so it would be raised in vain in all executions that follow.
 */
#ifndef CONTEND_BENCH_CHECK_MASK_H
#define CONTEND_BENCH_CHECK_MASK_H

#include "bench/machine/linkage.h"

/* Notes what is blocked now, the first time. */
void mask_keep(void) CHECK_PRIVATE(mask_keep);

/* Blocks that and nothing else; of what is let through, a signal that came meanwhile is dropped. */
void mask_put_back(void) CHECK_PRIVATE(mask_put_back);

#endif
