/*
 * loops.h - the loop that benchmarks call, and the table, of one counter of distinct clappers.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "counters/distinct.h"

#define CONTEND_OBJECT distinct
#ifndef CONTEND_FOLDER
#define CONTEND_FOLDER "counters/distinct/"
#endif
#define EMIT_OPERATIONS DISTINCT_OPERATIONS
#include "locks/parts/emit.h"

EMIT_LOOP size_t LOOP(tape)(void *d, void *h, const uint8_t *ops, const uint64_t *readers, size_t n,
                            uint64_t *sink);
size_t LOOP(tape)(void *d, void *h, const uint8_t *ops, const uint64_t *readers, size_t n,
                  uint64_t *sink)
{
    size_t failed = 0;
    uint64_t counted = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: even an object that ignores its readers pays for reading the tape. */
        uint64_t reader = *(const volatile uint64_t *)&readers[i];

        if (*(const volatile uint8_t *)&ops[i] == DISTINCT_OP_COUNT)
            counted += (uint64_t)OP(count)(d, h);
        else
            failed += OP(insert)(d, h, reader) != 0;
        contend_compiler_barrier();
    }
    *sink += counted;
    return failed;
}

EMIT_TABLE({ .tape = LOOP(tape) })
