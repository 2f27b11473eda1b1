/*
 * loops.h - the loops that benchmarks call, and the table, of one counter.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "counters/counter.h"

#define CONTEND_OBJECT counter
#ifndef CONTEND_FOLDER
#define CONTEND_FOLDER "counters/"
#endif
#define EMIT_OPERATIONS COUNTER_OPERATIONS
#include "locks/parts/emit.h"

EMIT_LOOP size_t LOOP(add)(void *c, void *h, size_t n);
size_t LOOP(add)(void *c, void *h, size_t n)
{
    size_t failed = 0;

    for (size_t i = 0; i < n; i++) {
        failed += OP(add)(c, h, 1) != 0;
        contend_compiler_barrier();
    }
    return failed;
}

EMIT_LOOP size_t LOOP(mixed)(void *c, void *h, const int8_t *tape, size_t n, uint64_t *sink);
size_t LOOP(mixed)(void *c, void *h, const int8_t *tape, size_t n, uint64_t *sink)
{
    size_t failed = 0;
    uint64_t folded = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: even a counter that ignores its claps pays for reading the tape. */
        int8_t clap = *(const volatile int8_t *)&tape[i];

        if (clap)
            failed += OP(add)(c, h, clap) != 0;
        else
            folded += (uint64_t)OP(read)(c, h);
        contend_compiler_barrier();
    }
    *sink += folded;
    return failed;
}

EMIT_LOOP size_t LOOP(posts)(void *counters, void *handles, const uint8_t *ops,
                             const uint64_t *posts, size_t n, uint64_t *sink);
size_t LOOP(posts)(void *counters, void *handles, const uint8_t *ops, const uint64_t *posts,
                   size_t n, uint64_t *sink)
{
    size_t failed = 0;
    uint64_t folded = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: as above. */
        uint64_t post = *(const volatile uint64_t *)&posts[i];
        struct TYPE *c = (struct TYPE *)counters + post;
        struct HANDLE *h = (struct HANDLE *)handles + post;

        if (*(const volatile uint8_t *)&ops[i] == COUNTER_OP_CLAP)
            failed += OP(add)(c, h, 1) != 0;
        else
            folded += (uint64_t)OP(read)(c, h);
        contend_compiler_barrier();
    }
    *sink += folded;
    return failed;
}

EMIT_LOOP size_t LOOP(claps)(void *counters, void *handles, const uint64_t *posts, size_t n);
size_t LOOP(claps)(void *counters, void *handles, const uint64_t *posts, size_t n)
{
    size_t failed = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: as above. */
        uint64_t post = *(const volatile uint64_t *)&posts[i];

        failed += OP(add)((struct TYPE *)counters + post, (struct HANDLE *)handles + post, 1) != 0;
        contend_compiler_barrier();
    }
    return failed;
}

EMIT_TABLE({ .add = LOOP(add), .mixed = LOOP(mixed), .posts = LOOP(posts),
             .claps = LOOP(claps) })
