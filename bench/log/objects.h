/*
 * objects.h - where a JSON object ends in a text, for input.c.
 */
#ifndef CONTEND_BENCH_LOG_OBJECTS_H
#define CONTEND_BENCH_LOG_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far into an object; zeros: before one. */
struct log_object {
    unsigned depth; /* of braces */
    bool quoted, escaped;
    bool other;      /* it is no object, but a line of something else */
    bool line_began; /* the byte before ended a line inside the object */
};

/*
 * How many of the bytes belong to the object (or to what stands in its place).  *whole: it
 * ends there; *drop: so many bytes behind it belong to nothing.
 */
size_t log_object_piece(struct log_object *o, const char *text, size_t length, bool *whole,
                        size_t *drop);

/* How many bytes in front of an object separate it from the one before. */
size_t log_object_gap(const char *text, size_t length);

/* Whether a text that begins like this has objects that are not one a line. */
bool log_objects_begin(const char *text, size_t length);

#endif
