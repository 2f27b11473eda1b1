/*
 * unattended.h - labs without a learner: every shape, for tests and classes that want to know what a
 * machine can show, with commands made short; or with whole ones, for a record of what they print.
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
 * and times are in `out`.  `whole`: the commands as they are printed, and what they print is kept.
 */
void unattended_check(const struct lab *lab, bool whole, struct unattended *out);

#endif
