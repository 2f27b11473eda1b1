/*
 * options.h - every option of a strategy, tried at its edges; and an allocator that counts.
 */
#ifndef CONTEND_TESTS_SUPPORT_OPTIONS_H
#define CONTEND_TESTS_SUPPORT_OPTIONS_H

#include <stdatomic.h>

#include "locks/parts/allocator.h"
#include "locks/parts/options.h"

/*
 * Calls `run` with each option of the list at its least value, the next one, its greatest
 * and its default.  The names and ranges are checked on the way.
 */
void options_at_their_edges(const struct contend_option *options, const void *ops,
                            void (*run)(const void *ops, const struct contend_settings *settings));

/*
 * An unknown name is -EINVAL, a value beyond an option's range -ERANGE.  `init` makes an
 * object with those settings, gives what it made back, and returns init's answer.
 */
void options_are_refused(const struct contend_option *options, const void *ops,
                         int (*init)(const void *ops, const struct contend_settings *settings));

/* Counts the bytes that are out, and compares sizes: what comes back must be what went out. */
struct counting_allocator {
    struct contend_allocator allocator; /* give its address to a configuration */
    _Atomic size_t bytes;
    _Atomic size_t greatest; /* block handed out since somebody set this to 0 */
};
void counting_allocator_init(struct counting_allocator *a);

#endif
