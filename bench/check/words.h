/*
 * words.h - what a step does, in words.
 *
 * Private to the explanations.
 */
#ifndef CONTEND_BENCH_CHECK_WORDS_H
#define CONTEND_BENCH_CHECK_WORDS_H

#include "bench/check/state.h"

/*
 * "cas lock.state: 0 -> 1, acquire".  An access of 16 bytes is told by its first half alone.  `afterwards`: the
 * main thread has gone on after the others.
 */
void words_event(const struct event *e, bool afterwards, char *text, size_t size) CHECK_PRIVATE(words_event);

/* Whether it reads or writes memory. */
bool words_access(const struct event *e) CHECK_PRIVATE(words_access);

/* The failure itself, or NULL: some verdicts are about no step. */
const struct event *words_failure(void) CHECK_PRIVATE(words_failure);

#endif
