/*
 * mutate.h - changes inputs at random, where there is no libFuzzer to do it.
 */
#ifndef CONTEND_TESTS_FUZZ_MUTATE_H
#define CONTEND_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

#include "bench/base/random.h"

enum { MUTATE_MAX = 4096 }; /* bytes of an input that may be changed */

struct input {
    uint8_t *bytes;
    size_t size;
};

/*
 * A few changes to `in`, which has space for MUTATE_MAX bytes: bytes, bits, pieces,
 * numbers and words; some of what comes in is taken from `other`.
 */
void mutate(struct input *in, const struct input *other, struct random *r);

#endif
