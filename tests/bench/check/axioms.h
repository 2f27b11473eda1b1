/*
 * axioms.h - what C++20 allows a program of atomic accesses to end in.
 *
 * An independent reference for the checker: it knows nothing of execution, but
 * enumerates every choice of the store that each load reads and of the order in which each place is
 * modified, and keeps the choices that the standard's axioms allow.
 *
 *   M. Batty et al., "Mathematizing C++ Concurrency", POPL 2011: the style.
 *   O. Lahav et al., "Repairing Sequential Consistency in C/C++11", PLDI 2017, as
 *   C++20 took it over (P0668, P0982): the axioms; no thin air as sb | rf acyclic.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_AXIOMS_H
#define CONTEND_TESTS_BENCH_CHECK_AXIOMS_H

#include "tests/bench/check/program.h"

struct axioms {
    struct outcomes allowed;
    /*
     * The outcomes of those executions for which there is one order of all steps that
     * contains reads-from and the order of the sequentially consistent
     * operations: what the checker promises to find.
     */
    struct outcomes reachable;
    bool race_allowed, race_reachable; /* an execution with a data race is */
};

void axioms_judge(const struct program *p, struct axioms *result);

/* The outcomes if the steps are interleaved and every load reads the last store. */
void axioms_interleave(const struct program *p, struct outcomes *result);

#endif
