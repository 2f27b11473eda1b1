/* loops.h - emits the table and the loop of a text; see locks/parts/emit.h. */
#define CONTEND_OBJECT text
#define CONTEND_FOLDER "bench/serve/posts/text/"
#define EMIT_OPERATIONS TEXT_OPERATIONS
#include "locks/parts/emit.h"

static void emit_sum(void *ctx, const uint64_t *words, size_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += words[i];
    *(uint64_t *)ctx += sum;
}

uint64_t LOOP(sum)(void *text, void *handle, uint64_t n);
uint64_t LOOP(sum)(void *text, void *handle, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < n; i++) {
        OP(read)(text, handle, emit_sum, &sum);
        contend_compiler_barrier();
    }
    return sum;
}

EMIT_TABLE({ LOOP(sum) })
