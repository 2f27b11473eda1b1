/*
 * share.h - which entries this process tries.
 *
 * Two settings of the environment, both absent when a program is run by hand:
 *   CONTEND_SLICE=2/3         every third entry, from the second on: three processes share the work
 *   CONTEND_ROTATION=N, CONTEND_MOST=16
 *                             if there are more than 16 entries, only so many as that, evenly
 *                             spread.  N chooses them: as many values of N in a row as the
 *                             entries are times 16 try all of them.
 */
#ifndef CONTEND_TESTS_SUPPORT_SHARE_H
#define CONTEND_TESTS_SUPPORT_SHARE_H

#include <stdbool.h>
#include <stddef.h>

/* Decides for each of `count` entries.  One that is tried always[i] does not rotate. */
void share_choose(const bool *always, bool *mine, size_t count);

#endif
