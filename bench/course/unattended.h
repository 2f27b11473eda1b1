/*
 * unattended.h - labs without a learner: every shape, with commands made short, for tests and classes
 * that want to know what a machine can show.
 */
#ifndef CONTEND_BENCH_COURSE_UNATTENDED_H
#define CONTEND_BENCH_COURSE_UNATTENDED_H

#include <jansson.h>

#include "bench/course/catalog.h"
#include "bench/course/lesson.h"

struct unattended {
    enum lesson_outcome outcome; /* failed if one of its shapes failed, shown if all are shown */
    char why[400];
    unsigned shapes, shown;
    double seconds;
    json_t *json;                /* for files; the caller releases it */
};

/*
 * Tries the shapes of a lab one after the other, until the first that fails.  The result's word, why
 * and times are in `out`.  `silent`: without progress.
 */
void unattended_check(const struct lab *lab, bool silent, struct unattended *out);

#endif
