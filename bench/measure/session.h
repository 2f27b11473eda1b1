/*
 * session.h - where and with what a measurement was made.
 *
 * A figure without its machine is worth nothing.  What cannot be read says
 * "unavailable", never 0 or an empty string.
 */
#ifndef CONTEND_BENCH_MEASURE_SESSION_H
#define CONTEND_BENCH_MEASURE_SESSION_H

#include <sched.h>
#include <stdint.h>

enum { SESSION_FIELDS = 32, SESSION_VALUE = 256 };

struct session {
    unsigned count;
    struct session_field {
        const char *key; /* "cpu_model" */
        char value[SESSION_VALUE];
    } fields[SESSION_FIELDS];
};

/* Reads all that it can; takes some milliseconds. */
void session_record(struct session *s, const cpu_set_t *allowed, uint64_t seed);

/* The value of a key, or "unavailable". */
const char *session_value(const struct session *s, const char *key);

#endif
