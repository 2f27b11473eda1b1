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

extern const struct fault faults[]; /* ended by a NULL name */

/* Fails in two ways; each execution takes its time if slow_bugs is set. */
extern const struct check_test two_bugs;
extern bool slow_bugs;

#endif
