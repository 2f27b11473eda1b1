/*
 * loops.h - the loop that benchmarks call, and the table, of one object of bounded claps.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "counters/claps.h"

#define CONTEND_OBJECT claps
#ifndef CONTEND_FOLDER
#define CONTEND_FOLDER "counters/claps/"
#endif
#define EMIT_OPERATIONS CLAPS_OPERATIONS
#include "locks/parts/emit.h"

EMIT_LOOP void LOOP(tape)(void *c, void *h, uint64_t post, const uint8_t *ops,
                          const uint64_t *readers, size_t n, struct claps_outcome *out);
void LOOP(tape)(void *c, void *h, uint64_t post, const uint8_t *ops, const uint64_t *readers,
                size_t n, struct claps_outcome *out)
{
    struct claps_outcome all = { 0, 0, 0, 0 };

    for (size_t i = 0; i < n; i++) {
        /* volatile: even an object that ignores its claps pays for reading the tape. */
        uint8_t op = *(const volatile uint8_t *)&ops[i];
        uint64_t reader = *(const volatile uint64_t *)&readers[i];

        if (op == CLAPS_OP_TOTAL) {
            int64_t total = OP(total)(c, h, post);
            all.failed += total < 0;
            all.sink += (uint64_t)total;
        } else {
            int moved = op == CLAPS_OP_CLAP ? OP(clap)(c, h, post, reader, 1)
                                            : OP(unclap)(c, h, post, reader, 1);
            if (moved < 0)
                all.failed++;
            else
                *(op == CLAPS_OP_CLAP ? &all.granted : &all.returned) += (unsigned)moved;
        }
        contend_compiler_barrier();
    }
    out->granted += all.granted;
    out->returned += all.returned;
    out->failed += all.failed;
    out->sink += all.sink;
}

EMIT_TABLE({ .tape = LOOP(tape) })
