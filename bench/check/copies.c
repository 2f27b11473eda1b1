/* copies.c - the registries of both copies, under the names that renames.h.in gave them. */
#include "bench/check/copies.h"

#define COPY(LEVEL)                                                                           \
    extern const struct lock_ops *const *const LEVEL##_lock_registry;                         \
    extern const struct counter_ops *const *const LEVEL##_counter_registry;                   \
    extern const struct presence_ops *const *const LEVEL##_presence_registry;                 \
    extern const struct contend_missing *const LEVEL##_lock_missing;                          \
    extern const struct contend_missing *const LEVEL##_counter_missing;                       \
    extern const struct contend_missing *const LEVEL##_presence_missing;

#define ROW(LEVEL)                                                                            \
    { #LEVEL, &LEVEL##_lock_registry, &LEVEL##_counter_registry, &LEVEL##_presence_registry,  \
      &LEVEL##_lock_missing, &LEVEL##_counter_missing, &LEVEL##_presence_missing }

COPY(o2)
COPY(o0)

const struct check_copy check_copies[] = {
    ROW(o2),
    ROW(o0),
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
