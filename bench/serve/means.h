/*
 * means.h - the table and the registry that the contract of each part of the service has.
 *
 * A contract defines `struct OBJECT_traits`, `struct OBJECT_loops` and the list of its operations, and
 * then SERVE_MEANS(OBJECT, OPERATIONS), which declares
 *
 *  - struct OBJECT_ops, the operations by name.  Every pointer of it is valid, but `needs`, the library
 *    beneath the means, is NULL where there is none.  `header` is its file, "bench/serve/posts/linked.h";
 *    `choices` says what a template was composed with, "CONTEND_RECLAIM=epoch", or is "".  Objects and
 *    handles are of the sizes and alignments that it says; an object without handles has an empty one.
 *  - contend_OBJECT_registry, all of this build in teaching order, ended by NULL;
 *    contend_OBJECT_missing, those that were left out; and contend_OBJECT_find(), one by its name or NULL.
 */
#ifndef CONTEND_BENCH_SERVE_MEANS_H
#define CONTEND_BENCH_SERVE_MEANS_H

#include <stddef.h>

#include "locks/parts/operations.h"
#include "locks/parts/traits.h"

#define SERVE_MEANS(OBJECT, OPERATIONS)                                                       \
    struct OBJECT##_ops {                                                                     \
        const struct OBJECT##_traits *traits;                                                 \
        const char *header;                                                                   \
        enum contend_shelf shelf;                                                             \
        const char *needs, *choices;                                                          \
        size_t size, align;                                                                   \
        size_t handle_size, handle_align;                                                     \
        OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)                               \
        struct OBJECT##_loops loops;                                                          \
    };                                                                                        \
    extern const struct OBJECT##_ops *const *const contend_##OBJECT##_registry;               \
    extern const struct contend_missing *const contend_##OBJECT##_missing;                    \
    const struct OBJECT##_ops *contend_##OBJECT##_find(const char *name)

#endif
