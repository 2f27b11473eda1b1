/* copies.c - the registries of both copies, whose symbols end in the copy's level. */
#include "bench/check/copies.h"

#define COPY(LEVEL)                                                                           \
    extern const struct lock_ops *const *const lock_registry_##LEVEL;                         \
    extern const struct counter_ops *const *const counter_registry_##LEVEL;                   \
    extern const struct presence_ops *const *const presence_registry_##LEVEL;                 \
    extern const struct contend_missing *const lock_missing_##LEVEL;                          \
    extern const struct contend_missing *const counter_missing_##LEVEL;                       \
    extern const struct contend_missing *const presence_missing_##LEVEL;

#define ROW(LEVEL)                                                                            \
    { #LEVEL, &lock_registry_##LEVEL, &counter_registry_##LEVEL, &presence_registry_##LEVEL,  \
      &lock_missing_##LEVEL, &counter_missing_##LEVEL, &presence_missing_##LEVEL }

COPY(o2)
COPY(o0)

const struct check_copy check_copies[] = {
    ROW(o2),
    ROW(o0),
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};
