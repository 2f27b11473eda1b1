/*
 * apart.h - a call in a copy of this process.
 *
 * What the call leaves behind ends with the copy: threads that a library has started, memory, and a
 * crash.  What it finds out it writes into memory that both have.
 */
#ifndef CONTEND_BENCH_BASE_APART_H
#define CONTEND_BENCH_BASE_APART_H

#include <stdbool.h>
#include <stddef.h>

enum { APART_WHY = 160 };

/* Whether this process has one thread: a copy has no other one, and waiting for one there hangs. */
bool apart_is_alone(void);

/* Zeroed memory that copies made from now on share with this process; NULL without memory. */
void *apart_memory(size_t size);
void apart_free(void *memory, size_t size); /* NULL is fine */

/*
 * Calls work(ctx) in a copy and waits for it; *result is what it returned, 0 to 255.  A Ctrl-C that
 * this process catches (interrupt.h) is passed on, once.  0; -EDEADLK or another negative errno value:
 * there is no copy, and nothing was called; -ECHILD: it ended in another way, and `why` says how.
 */
int apart_call(int (*work)(void *ctx), void *ctx, int *result, char why[APART_WHY]);

#endif
