/*
 * faults.h - small programs, each with one fault or with none, and the verdict on it.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_FAULTS_H
#define CONTEND_TESTS_BENCH_CHECK_FAULTS_H

#include "bench/check/check.h"

struct fault {
    struct check_test test;
    enum check_verdict verdict;
    enum check_mode mode;
    enum check_reuse reuse;
};

extern const struct fault faults[], deep_faults[]; /* each ended by a NULL name */

/* Fails only if its threads alternate three times; of one class; of very many. */
extern const struct check_test alternating, independent, entangled;

/* Asks for more than it needs at three accesses; at none. */
extern const struct check_test too_strong, just_enough;

/* Fails in two ways; each execution takes its time if slow_bugs is set. */
extern const struct check_test two_bugs;
extern bool slow_bugs;

#endif
