/*
 * variant.h - a strategy with an option set: "striped[stripes=4]".
 *
 * A setting may change what an object promises, so a variant has traits of its own.
 */
#ifndef CONTEND_BENCH_BASE_VARIANT_H
#define CONTEND_BENCH_BASE_VARIANT_H

#include "bench/base/family.h"
#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

struct variant {
    const struct family *family;
    const void *ops;
    struct contend_setting setting; /* its name is the option's own */
    union {
#define MEMBER(OBJECT) struct OBJECT##_traits OBJECT;
        FAMILY_EACH(MEMBER)
#undef MEMBER
    } traits;
};

/* Fills in the traits from the rest.  0, -ENOMEM, or what init answered. */
int variant_complete(struct variant *v);

/* For a configuration; they live as long as the variant.  NULL has none. */
struct contend_settings variant_settings(const struct variant *v);

/* "striped[stripes=4]" */
enum { VARIANT_NAME = 96 };
const char *variant_name(const struct variant *v, char *buffer, size_t size);

#endif
