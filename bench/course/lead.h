/*
 * lead.h - leads a learner through a lab at a terminal, or prints it whole where nobody answers.
 */
#ifndef CONTEND_BENCH_COURSE_LEAD_H
#define CONTEND_BENCH_COURSE_LEAD_H

#include "bench/course/catalog.h"
#include "bench/course/lesson.h"

struct lead_request {
    char predicted;  /* what --predict said, or 0: it is asked for where somebody can answer */
    bool asks;       /* somebody can answer: standard input and output are a terminal */
    bool color;
    bool silent;     /* no progress of the commands */
};

/*
 * Goes through the page in its order.  Returns the exit status: 0 shown, or not shown here; 1 failed;
 * 130 interrupted.
 */
int lead_through(const struct lab *lab, const struct lead_request *q);

#endif
