/* bare_subject.h - all of a subject but its operations: there is nothing to make, and workers count steps. */
#ifndef CONTEND_TESTS_BENCH_ENGINE_BARE_SUBJECT_H
#define CONTEND_TESTS_BENCH_ENGINE_BARE_SUBJECT_H

#include "bench/engine/subject.h"

static int create(struct subject *s)
{
    (void)s;
    return 0;
}

static void destroy(struct subject *s)
{
    (void)s;
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    (void)s, (void)seed;
    w->at = number;
    w->steps = 0;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    (void)s, (void)w;
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    (void)s, (void)w, (void)part, (void)parts;
}

#endif
