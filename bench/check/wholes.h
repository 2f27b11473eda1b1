/*
 * wholes.h - statics of C++ programs, which code of libstdc++ changes too: see wholes.c.
 */
#ifndef CONTEND_BENCH_CHECK_WHOLES_H
#define CONTEND_BENCH_CHECK_WHOLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

/* The program is one of a user's own: if libstdc++ is in it, its statics are followed from now on. */
void wholes_follow(void) CHECK_PRIVATE(wholes_follow);

bool wholes_followed(void) CHECK_PRIVATE(wholes_followed);

/* These eight bytes must not be written when this execution ends: the object that they are in is left as it is. */
void wholes_leave(uintptr_t base) CHECK_PRIVATE(wholes_leave);

/* The end of an execution. */
void wholes_put_back(void) CHECK_PRIVATE(wholes_put_back);

/* Whether fn says so of any. */
bool wholes_each(bool (*fn)(uintptr_t start, size_t size)) CHECK_PRIVATE(wholes_each);

#endif
